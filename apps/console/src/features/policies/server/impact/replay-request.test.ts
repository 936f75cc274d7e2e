import { unwrap } from "@sluice/kernel";
import { createSnapshot, entityUid, value, valueToCedarJson } from "@sluice/policy-engine";
import { expect, test } from "vitest";
import { ReplaySite } from "./replay-entities.ts";
import { type ReplayRecord, replayRequests } from "./replay-request.ts";

const database = entityUid("Database", "shop");

function site(): ReplaySite {
  const people = [entityUid("User", "ana"), entityUid("Agent", "copilot"), database];
  const classes = new Map([["public.customers", [{ column: "email", dataClass: "email" }]]]);
  const known = { classes, kinds: new Map([["public.customers", "table"]]), volatilities: new Map() };
  const entities = people.map((uid) => ({ uid, attrs: {}, parents: [] }));
  return new ReplaySite(createSnapshot(entities), new Map([["shop", known]]));
}

function record(part: Partial<ReplayRecord>): ReplayRecord {
  return {
    // Wednesday, 14 January 2026, 10:30:45.678
    atMs: Date.UTC(2026, 0, 14, 10, 30, 45, 678),
    principals: [
      { type: "Agent", id: "copilot", name: "Copilot" },
      { type: "User", id: "ana", name: "Ana" },
    ],
    client: { ip: "::ffff:192.0.2.1", application: "psql", protocol: "postgres" },
    resource: { id: "1", name: "shop", kind: "postgres" },
    facts: {
      command: "SELECT",
      reads: [],
      writes: [],
      functions: ["f"],
      classes: [],
      flags: ["unbounded", "unparsed"],
    },
    decisions: [],
    ...part,
  };
}
const pair = (given: NonNullable<ReplayRecord["decisions"][number]["given"]> | undefined) => ({
  action: "sql.read.select",
  resource: { type: "Table", id: "shop/public.customers" },
  verdict: "allow" as const,
  policies: [],
  ...(given ? { given } : {}),
});

test("asks what was asked: the same chain, the second it was decided for, columns with their classes, flags", () => {
  const decisions = [
    pair({ objectCount: 2, columnsRead: ["id", "email"], columnsFiltered: ["id"], inTransaction: true }),
  ];
  const place = site();
  place.know(decisions.map(({ resource }) => resource));
  const [asked] = unwrap(replayRequests(record({ decisions }), place));
  expect(asked?.principal).toBe(entityUid("Agent", "copilot"));
  expect(asked?.onBehalfOf).toBe(entityUid("User", "ana"));
  expect(asked?.entities.has(entityUid("Schema", "shop/public"))).toBe(true);
  const strings = (...items: string[]) => value.set(items.map(value.string));
  const expected = value.record({
    now: value.datetime(Date.UTC(2026, 0, 14, 10, 30, 45)),
    minuteOfDay: value.long(630),
    weekday: value.long(3),
    client: value.record({ ip: value.ip("192.0.2.1"), application: value.string("psql"), tls: value.bool(true) }),
    sql: value.record({
      command: value.string("SELECT"),
      columnsRead: strings("id", "email"),
      columnsWritten: strings(),
      columnsFiltered: strings("id"),
      classesRead: strings("email"),
      classesFiltered: strings(),
      classesWritten: strings(),
      columnsProbed: strings(),
      classesProbed: strings(),
      testedValues: value.long(0),
      functions: strings("f"),
      objectCount: value.long(2),
      unbounded: value.bool(true),
      opaque: value.bool(true),
      dynamic: value.bool(false),
      multiStatement: value.bool(false),
      inTransaction: value.bool(true),
    }),
  });
  expect(valueToCedarJson(asked?.context ?? value.bool(false))).toEqual(valueToCedarJson(expected));
});

test("of several statements each pair has its own, and every column covers every class", () => {
  const statement = { command: "DELETE", functions: [], flags: ["dynamic"] };
  const decisions = [pair({ objectCount: 1, columnsRead: ["*"], statement })];
  const [asked] = unwrap(replayRequests(record({ decisions }), site()));
  const text = JSON.stringify(valueToCedarJson(asked?.context ?? value.bool(false)));
  expect(text).toContain('"DELETE"');
  expect(text).toContain('"classesRead":["email"]');
});

test("an unmask question names its table, database and column", () => {
  const unmask = {
    action: "unmask",
    resource: { type: "DataClass", id: "email" },
    verdict: "deny" as const,
    policies: [],
    given: { table: "public.customers", column: "email" },
  };
  const requests = unwrap(replayRequests(record({ decisions: [unmask] }), site()));
  const text = JSON.stringify(valueToCedarJson(requests[0]?.context ?? value.bool(false)));
  expect(text).toContain('{"type":"Table","id":"shop/public.customers"}');
  expect(text).toContain('{"type":"Database","id":"shop"}');
});

test("tells the grant that covered it, and does not decide again without one that is gone", () => {
  const place = site();
  place.know([{ type: "Table", id: "shop/public.customers" }]);
  const open = { ...pair({ grant: "g" }), action: "session.open", resource: { type: "Database", id: "shop" } };
  const decisions = [open, pair({ objectCount: 1, grant: "g" })];
  expect(replayRequests(record({ decisions }), place)).toMatchObject({ ok: false, error: "incomplete" });
  const granted = new ReplaySite(
    place.entities.with([{ uid: entityUid("Grant", "g"), attrs: {}, parents: [] }]),
    new Map(),
  );
  for (const { context } of unwrap(replayRequests(record({ decisions }), granted))) {
    expect(JSON.stringify(valueToCedarJson(context))).toContain('"grant":{"__entity":{"type":"Grant","id":"g"}}');
  }
});

test("says why a record cannot be decided again", () => {
  const reason = (part: Partial<ReplayRecord>) => {
    const asked = replayRequests(record(part), site());
    return asked.ok ? "replayed" : asked.error;
  };
  const elsewhere = { ...pair({ objectCount: 1 }), resource: { type: "Table", id: "gone/public.t" } };
  expect(reason({ decisions: [] })).toBe("undecided");
  expect(reason({ decisions: [pair(undefined)] })).toBe("incomplete");
  expect(reason({ decisions: Array.from({ length: 200 }, () => pair({ objectCount: 1 })) })).toBe("incomplete");
  expect(reason({ decisions: [elsewhere] })).toBe("resource_gone");
  const zed = { type: "User", id: "zed", name: "Zed" } as const;
  expect(reason({ principals: [zed], decisions: [pair({ objectCount: 1 })] })).toBe("principal_gone");
  const ana = { type: "User", id: "ana", name: "Ana" } as const;
  expect(reason({ principals: [ana, zed], decisions: [pair({ objectCount: 1 })] })).toBe("principal_gone");
});
