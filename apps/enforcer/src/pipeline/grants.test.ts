import type { BundleContent } from "@sluice/bundle";
import { entityUid, valueToCedarJson } from "@sluice/policy-engine";
import { describe, expect, test, vi } from "vitest";
import { createSite } from "../control/site-state.ts";
import type { Access, Catalogue, StatementFacts } from "../languages/facts.ts";
import { bundleOf, person } from "./bundle.fixture.ts";
import { decideRequest } from "./decide.ts";
import { openRequest } from "./open-request.ts";
import { watchGrant } from "./watch-grant.ts";

const NOW_MS = Date.UTC(2026, 0, 14, 10, 0, 0);
const client = { ip: "127.0.0.1", application: "test", protocol: "postgres" };
const access = `
@id("granted")
permit (principal is User, action in [Action::"sql.write", Action::"session.open"], resource)
when { context has grant && context.grant.principal == principal };
@id("granted-clear")
permit (principal is User, action == Action::"unmask", resource == DataClass::"email")
when { context has grant && context.now < context.grant.endsAt };
`;
const time = (ms: number) => ({ __extn: { fn: "datetime", arg: new Date(ms).toISOString() } });

function grant(id: string, actions: readonly string[], endsAtMs = NOW_MS + 60_000): BundleContent["entities"][number] {
  const attrs = {
    principal: { __entity: { type: "User", id: "zoe" } },
    resource: { __entity: { type: "Database", id: "shop" } },
    actions: [...actions],
    startsAt: time(NOW_MS - 60_000),
    endsAt: time(endsAtMs),
  };
  return { uid: { type: "Grant", id }, attrs, parents: [] };
}
const zoe = person("zoe");
const zoeEntity = {
  uid: { type: "User", id: "zoe" },
  attrs: { handle: "zoe", email: "z@a.test", name: "Zoe" },
  parents: [],
};
const world = (...grants: BundleContent["entities"]) => bundleOf({ access }, [zoeEntity, ...grants]);

const catalogue: Catalogue = {
  version: "1",
  relations: [],
  functions: [],
  relationByOid: new Map(),
  relationByName: new Map(),
  functionsByName: new Map(),
  schemas: [],
};

function decide(bundle: ReturnType<typeof world>, action: string, nowMs = NOW_MS, identity = zoe) {
  const [resource] = bundle.content.resources;
  if (!resource) throw new Error("the bundle has no resource");
  const object = { kind: "table" as const, schema: "public", name: "customers" };
  const columns: Partial<Access> = action.startsWith("sql.read") ? { columnsRead: ["email"] } : {};
  const accesses = [{ action, object, columnsRead: [], columnsWritten: [], columnsFiltered: [], ...columns }];
  const facts: StatementFacts = {
    command: "INSERT",
    accesses,
    functions: [],
    unparsed: false,
    opaque: false,
    dynamic: false,
    unbounded: false,
    multiStatement: false,
    returnsRows: true,
    changesSession: false,
    transaction: "none",
    span: [0, 0],
    lineage: "unknown",
  };
  return decideRequest({
    bundle,
    catalogue,
    resource,
    identity,
    client,
    statements: [facts],
    inTransaction: false,
    nowMs,
  });
}

describe("the grant in a decision's context", () => {
  test("is the person's that covers this action and database, and stands on the record", () => {
    const allowed = decide(world(grant("g", ["sql.write.insert"])), "sql.write.insert");
    expect(allowed).toMatchObject({ decisions: [{ policies: ["production-write"] }] });
    expect(allowed.decisions[0]?.given).toMatchObject({ grant: "g" });
    expect(allowed.grantsEndMs).toBe(NOW_MS + 60_000);
    const other = decide(world(grant("g", ["sql.write.delete"])), "sql.write.insert");
    expect(other).toMatchObject({ kind: "deny", grantsEndMs: Number.POSITIVE_INFINITY });
    expect(other.decisions[0]?.given).not.toHaveProperty("grant");
  });

  test("is absent in the second in which it ends: a judgement is used until its second is over", () => {
    const ends = world(grant("g", ["sql.write"], NOW_MS + 1_500));
    expect(decide(ends, "sql.write.insert", NOW_MS).decisions[0]?.given).toMatchObject({ grant: "g" });
    expect(decide(ends, "sql.write.insert", NOW_MS + 1_000)).toMatchObject({ kind: "deny" });
    expect(decide(ends, "sql.write.insert", NOW_MS - 61_000)).toMatchObject({ kind: "deny" });
  });

  test("is that of the person whom an agent acts for, and permits the agent itself nothing", () => {
    const copilot = { uid: entityUid("Agent", "copilot"), name: "copilot" };
    const acting = { ...zoe, principal: copilot, onBehalfOf: zoe.principal };
    const decision = decide(world(grant("g", ["sql.write"])), "sql.write.insert", NOW_MS, acting);
    expect(decision.decisions[0]?.given).toMatchObject({ grant: "g" });
    expect(decision.kind).toBe("deny");
  });

  test("of unmask covers what holds the value", () => {
    const clear = decide(world(grant("g", ["unmask"])), "sql.read.select");
    expect(clear.decisions.find(({ action }) => action === "unmask")).toMatchObject({
      verdict: "allow",
      given: { grant: "g" },
    });
    const masked = decide(world(grant("g", ["sql.read"])), "sql.read.select");
    expect(masked.decisions.find(({ action }) => action === "unmask")).toMatchObject({ verdict: "deny" });
  });

  test("of opening a session is told as well", () => {
    const bundle = world(grant("g", ["session.open"]));
    const who = { principal: zoe.principal.uid, resource: entityUid("Database", "shop") };
    const opened = openRequest(bundle, who, client, NOW_MS);
    expect(opened.grant?.uid.id).toBe("g");
    expect(JSON.stringify(valueToCedarJson(opened.request.context))).toContain(
      '"grant":{"__entity":{"type":"Grant","id":"g"}}',
    );
    expect(bundle.engine.decide(opened.request).kind).toBe("allow");
    expect(openRequest(bundle, who, client, NOW_MS + 60_000).grant).toBeUndefined();
  });
});

const clock = { now: () => NOW_MS, monotonic: () => 0 };

describe("a grant that is revoked", () => {
  test("is gone at once, ahead of the bundle that says so, and does not come back with an older one", () => {
    const site = createSite(clock);
    const bundle = { ...world(grant("g", ["sql.write"]), grant("h", ["sql.read"])), digest: "d" };
    bundle.content.expiresAtMs = NOW_MS + 1_000_000;
    site.swap(bundle);
    const seen: (boolean | undefined)[] = [];
    site.onChange(({ amended }) => seen.push(amended));
    site.revoke({ kind: "grant", value: "g", reason: "revoked" });
    const holds = (id: string) => site.loaded()?.entities.has(entityUid("Grant", id));
    expect([holds("g"), holds("h"), seen, site.loaded()?.digest]).toEqual([false, true, [true], "d"]);
    site.swap(bundle);
    expect(holds("g")).toBe(false);
    site.swap({ ...bundle, content: { ...bundle.content, builtAtMs: NOW_MS + 1 } });
    expect([holds("g"), site.loaded()?.amended]).toEqual([true, undefined]);
  });

  test("that no bundle holds changes nothing", () => {
    const site = createSite(clock);
    const bundle = world(grant("g", ["sql.write"]));
    site.swap(bundle);
    site.revoke({ kind: "grant", value: "other", reason: "revoked" });
    expect(site.loaded()).toBe(bundle);
  });
});

describe("a session that a grant opened", () => {
  const held = { uid: entityUid("Grant", "g"), root: entityUid("Database", "shop"), actions: new Set<string>() };
  const until = (endsAtMs: number) => ({ ...held, startsAtMs: 0, endsAtMs });

  test("ends when its grant does and policy opens it no longer, and lives on while another covers it", () => {
    vi.useFakeTimers({ now: 0 });
    const end = vi.fn();
    const answers = [
      { allowed: true, grant: until(5_000), nowMs: 1_000 },
      { allowed: false, grant: undefined, nowMs: 5_000 },
    ];
    const askAgain = vi.fn(() => answers.shift() ?? { allowed: false, grant: undefined, nowMs: 0 });
    watchGrant({ onChange: () => () => undefined }, { grant: until(1_000), nowMs: 0 }, end, askAgain);
    vi.advanceTimersByTime(4_999);
    expect([askAgain.mock.calls.length, end.mock.calls.length]).toEqual([1, 0]);
    vi.advanceTimersByTime(1);
    expect(end).toHaveBeenCalledExactlyOnceWith({
      kind: "revoked",
      reason: "the grant that it was opened with has ended",
    });
    vi.useRealTimers();
  });

  test("is asked about with each bundle, and no longer once it is closed", () => {
    const site = createSite(clock);
    const bundle = world();
    const end = vi.fn();
    let allowed = true;
    const askAgain = vi.fn(() => ({ allowed, grant: undefined, nowMs: 0 }));
    const stop = watchGrant(site, { grant: until(1_000), nowMs: 0 }, end, askAgain);
    site.swap(bundle);
    expect([askAgain.mock.calls.length, end.mock.calls.length]).toEqual([1, 0]);
    allowed = false;
    site.swap(bundle);
    expect(end).toHaveBeenCalledOnce();
    stop();
    site.swap(bundle);
    expect(askAgain).toHaveBeenCalledTimes(2);
  });
});
