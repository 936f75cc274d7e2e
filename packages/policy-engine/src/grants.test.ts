import { expect, test } from "vitest";
import { coveringGrant, createSnapshot, type EntityInput, entityUid, grantsOf, type Value, value } from "./index.ts";

const ana = entityUid("User", "ana");
const shop = entityUid("Database", "shop");
const table = entityUid("Table", "shop/public.orders");
const MINUTE_MS = 60_000;

function grant(id: string, attrs: Readonly<Record<string, Value | undefined>> = {}) {
  const usual = {
    principal: value.entity(ana),
    actions: value.set([value.string("sql.read")]),
    startsAt: value.datetime(0),
    endsAt: value.datetime(10 * MINUTE_MS),
    resource: value.entity(shop),
  };
  const fields = Object.entries<Value | undefined>({ ...usual, ...attrs });
  const known = fields.flatMap(([name, field]) => (field === undefined ? [] : [[name, field] as const]));
  return { uid: entityUid("Grant", id), attrs: new Map(known), parents: [] };
}

function world(...grants: readonly EntityInput[]) {
  return createSnapshot([
    { uid: ana, attrs: {}, parents: [] },
    { uid: shop, attrs: {}, parents: [entityUid("Environment", "production")] },
    { uid: table, attrs: {}, parents: [shop] },
    ...grants,
  ]);
}

function covering(entities: ReturnType<typeof world>, ask: Partial<Parameters<typeof coveringGrant>[1]> = {}) {
  const usual = { action: entityUid("Action", "sql.read.select"), resource: table, entities };
  return coveringGrant(grantsOf(entities, ana), { ...usual, fromMs: MINUTE_MS, untilMs: 2 * MINUTE_MS, ...ask })?.uid
    .id;
}

test("a grant covers what its root holds, for the action it names and for the actions of a group it names", () => {
  expect(covering(world(grant("g")))).toBe("g");
  expect(covering(world(grant("g")), { resource: shop })).toBe("g");
  expect(covering(world(grant("g", { actions: value.set([value.string("sql.read.select")]) })))).toBe("g");
  expect(covering(world(grant("g", { actions: value.set([value.string("read")]) })))).toBe("g");
});

test("a grant covers no other action, resource or person", () => {
  const other = entityUid("Database", "billing");
  expect(covering(world(grant("g")), { action: entityUid("Action", "sql.write.update") })).toBeUndefined();
  expect(covering(world(grant("g", { actions: value.set([value.string("sql.rea")]) })))).toBeUndefined();
  expect(covering(world(grant("g", { resource: value.entity(other) })))).toBeUndefined();
  expect(covering(world(grant("g")), { resource: entityUid("Table", "nowhere") })).toBeUndefined();
  expect(grantsOf(world(grant("g")), entityUid("User", "bo"))).toEqual([]);
  // the same name as another type is somebody else
  expect(grantsOf(world(grant("g")), entityUid("Agent", "ana"))).toEqual([]);
});

test("a grant covers a time only when it holds all the while: its end is the first moment without it", () => {
  const only = world(grant("g"));
  expect(covering(only, { fromMs: 0, untilMs: 10 * MINUTE_MS })).toBe("g");
  expect(covering(only, { fromMs: 0, untilMs: 10 * MINUTE_MS + 1 })).toBeUndefined();
  expect(covering(only, { fromMs: -1, untilMs: MINUTE_MS })).toBeUndefined();
  expect(covering(only, { fromMs: 10 * MINUTE_MS, untilMs: 10 * MINUTE_MS + 1 })).toBeUndefined();
});

test("of several the one that ends last is told, whatever their order", () => {
  const long = grant("b", { endsAt: value.datetime(20 * MINUTE_MS) });
  const same = grant("a", { endsAt: value.datetime(20 * MINUTE_MS) });
  expect(covering(world(grant("g"), long))).toBe("b");
  expect(covering(world(long, grant("g")))).toBe("b");
  expect([covering(world(long, same)), covering(world(same, long))]).toEqual(["a", "a"]);
});

test("what is no well-formed grant gives nothing", () => {
  for (const bad of [
    { actions: value.string("sql.read") },
    { endsAt: value.long(20 * MINUTE_MS) },
    { startsAt: undefined },
    { principal: value.string("ana") },
    { resource: undefined },
    { resource: value.string("shop") },
    { host: value.entity({ type: "Host", id: "h" }) },
  ]) {
    expect(covering(world(grant("g", bad))), JSON.stringify(Object.keys(bad))).toBeUndefined();
  }
});

test("a snapshot without a grant no longer tells it, and the one before still does", () => {
  const before = world(grant("g"));
  const after = before.with([], [entityUid("Grant", "g")]);
  const ask = {
    action: entityUid("Action", "sql.read.select"),
    resource: table,
    entities: after,
    fromMs: 0,
    untilMs: 1,
  };
  expect(coveringGrant(grantsOf(after, ana), ask)).toBeUndefined();
  expect(covering(before)).toBe("g");
});
