import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestOrg, type TestOrg } from "../../../provision/test-org.ts";
import type { Role } from "../../../server/auth/permissions.ts";
import type { OrgScope } from "../../../server/scope.ts";
import { followRecords } from "../../live/server/follow-records.ts";
import type { RecordFilter } from "../schemas.ts";
import { readRecord } from "./read-record.ts";
import { searchRecords } from "./search-records.ts";

const MINUTE_MS = 60_000;
let org: TestOrg;
let seq = 0;

beforeAll(async () => {
  org = await openTestOrg();
});
afterAll(() => org[Symbol.asyncDispose]());

function as(handle: string, role: Role): OrgScope {
  return {
    org: { id: org.answer.orgId, slug: org.slug, name: "Acme", origin: "http://localhost" },
    actor: { memberId: randomUUID(), handle, name: handle, email: `${handle}@acme.test`, role, groups: [] },
    data: org.data,
  };
}

interface Wanted {
  readonly id: string;
  readonly atMs: number;
  readonly principalId: string;
  readonly principalType: string;
  readonly onBehalfOf: string | null;
  readonly verdict: string;
  readonly statement: string;
  readonly status: string;
}

/** Stores an exchange as the worker would. */
async function exchange(wanted: Partial<Wanted>): Promise<string> {
  seq += 1;
  const { id = randomUUID(), atMs = Date.now(), verdict = "allow", statement = "SELECT 1", status = "ok" } = wanted;
  const { principalType = "User", principalId = "ana", onBehalfOf = null } = wanted;
  const enforcer = await org.data.tx((tx) => tx.enforcer.findFirstOrThrow());
  const key = { orgId: org.answer.orgId, enforcerId: enforcer.id, seq: BigInt(seq), at: new Date(atMs), id };
  const body = {
    v: 1,
    kind: "exchange",
    id,
    orgId: key.orgId,
    enforcerId: key.enforcerId,
    seq,
    atMs,
    principals: [{ type: principalType, id: principalId, name: principalId }],
    verdict,
    advice: "Ask for it.",
    decisions: [],
    bundleVersion: 1,
    statement,
  };
  const who = { principalType, principalId, principalName: principalId, onBehalfOf };
  const what = { actions: ["sql.read.select"], objects: [], classes: ["email"], policies: ["production-write"] };
  const siteId = org.answer.siteId;
  await org.data.tx((tx) =>
    tx.record.create({
      data: { ...key, ...who, ...what, kind: "exchange", siteId, bundleVersion: 1, verdict, statement, status, body },
    }),
  );
  return id;
}

async function found(scope: OrgScope, filter: RecordFilter): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await searchRecords(org.deps, scope, { ...filter, limit: 2, cursor });
    if (!page.ok) throw new Error(page.error.internal);
    ids.push(...page.value.items.map(({ id }) => id));
    cursor = page.value.nextCursor ?? undefined;
  } while (cursor);
  return ids;
}

test("pages hold every record once, newest first, also where many share one moment", async () => {
  const atMs = Date.now() - MINUTE_MS;
  const sessionless = { principalId: "pager", atMs };
  const ids = [await exchange(sessionless), await exchange(sessionless), await exchange(sessionless)];
  const newest = await exchange({ principalId: "pager", atMs: atMs + 1 });
  const pages = await found(as("cy", "admin"), { principal: "pager" });
  expect(pages[0]).toBe(newest);
  expect([...pages].sort()).toEqual([...ids, newest].sort());
});

test("a search finds by verdict, class, policy and a piece of the statement, taken literally", async () => {
  const wanted = await exchange({ principalId: "finder", verdict: "deny", statement: "SELECT '100%_sure' FROM t" });
  await exchange({ principalId: "finder", statement: "SELECT '100 percent sure' FROM t" });
  const cy = as("cy", "admin");
  expect(await found(cy, { principal: "finder", verdicts: ["deny"] })).toEqual([wanted]);
  expect(await found(cy, { principal: "finder", text: "100%_SURE" })).toEqual([wanted]);
  expect(await found(cy, { principal: "finder", dataClass: "email", policy: "production-write" })).toHaveLength(2);
  expect(await found(cy, { principal: "finder", dataClass: "phone" })).toEqual([]);
});

test("an engineer finds and opens what they and their agents did, and nothing of others", async () => {
  const own = await exchange({ principalId: "eng" });
  const agents = await exchange({ principalType: "Agent", principalId: "bot", onBehalfOf: "eng" });
  const foreign = await exchange({ principalType: "Agent", principalId: "eng", onBehalfOf: "somebody" });
  const eng = as("eng", "engineer");
  expect((await found(eng, {})).sort()).toEqual([own, agents].sort());
  expect(await readRecord(org.deps, eng, { id: own })).toMatchObject({ ok: true });
  expect(await readRecord(org.deps, eng, { id: foreign })).toMatchObject({ error: { code: "request.not_found" } });
});

test("a record explains itself with the policies as they stood when it was decided", async () => {
  const id = await exchange({ verdict: "deny", status: "refused" });
  expect(await readRecord(org.deps, as("cy", "admin"), { id })).toMatchObject({
    ok: true,
    value: {
      policyVersion: 1,
      wouldAllow: ["Ask for it."],
      decidingPolicies: [{ id: "production-write", set: "guardrails", effect: "forbid" }],
    },
  });
});

test("the feed replays what came while a client was away, once each, and completes what was running", async () => {
  const seen: { id: string; update: boolean; eventId: string }[] = [];
  const cy = as("cy", "admin");
  org.deps.clock.advance(Math.max(0, Date.now() - org.deps.clock.now()));
  const first = await exchange({ principalId: "liver", status: "running" });
  const stop = new AbortController();
  const lastEventId = String(Date.now() - 1_000);
  for await (const { id, event } of followRecords(org.deps, cy, { principal: "liver", lastEventId }, stop.signal)) {
    seen.push({ id: event.record.id, update: event.update, eventId: id });
    if (seen.length === 1) {
      await exchange({ principalId: "liver" });
      await org.data.tx((tx) =>
        tx.record.updateMany({ where: { id: first }, data: { status: "ok", outcomeSeq: 999n } }),
      );
    }
    if (seen.length === 3) stop.abort();
  }
  expect(seen.filter(({ update }) => !update).map(({ id }) => id)).toHaveLength(2);
  expect(seen.filter(({ update }) => update).map(({ id }) => id)).toEqual([first]);
  expect(seen.every(({ eventId }) => /^\d+$/.test(eventId))).toBe(true);
});
