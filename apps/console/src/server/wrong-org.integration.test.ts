import { randomUUID } from "node:crypto";
import { Secret } from "@sluice/kernel";
import { TRPCError } from "@trpc/server";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { openTestOrg, type TestOrg } from "../provision/test-org.ts";
import { readApiToken } from "./auth/api-tokens.ts";
import { sessionCookieName } from "./auth/cookies.ts";
import { beginSession, newSessionToken } from "./auth/sessions.ts";
import { tenantsOf } from "./auth/tenant.ts";
import { type ForeignIds, fillOrg } from "./foreign-ids.ts";
import { contextOf, factsOf } from "./request.ts";
import { handleRest } from "./rest/handle.ts";
import { restRoutes } from "./rest/routes.ts";
import { appRouter, createCaller } from "./root.ts";
import type { RequestContext } from "./trpc.ts";
import { handleTrpc } from "./trpc-handle.ts";
import type { Web } from "./web.ts";
import { procedureCases, routeCases, type WrongOrgCase } from "./wrong-org-cases.ts";

const STREAM_MS = 1_500;
let ours: TestOrg;
let theirs: TestOrg;
let foreign: ForeignIds;
let web: Web;

beforeAll(async () => {
  ours = await openTestOrg();
  theirs = await openTestOrg();
  foreign = await fillOrg(theirs);
  const { db, deps } = ours;
  web = {
    deps,
    db,
    redis: new Redis(inject("redisUrl"), { lazyConnect: true }),
    tenants: tenantsOf(db, deps.clock, deps.publicUrl, "no-default"),
    authSecret: new Secret("not used here, and long enough"),
    trustsProxy: false,
    stopping: new AbortController(),
  };
});
afterAll(async () => {
  web.redis.disconnect();
  await ours[Symbol.asyncDispose]();
  await theirs[Symbol.asyncDispose]();
});

function hostFor(org: TestOrg): string {
  return `${org.slug}.${web.deps.publicUrl.host}`;
}

/** What a browser of our admin sends to a host. */
async function contextAs(token: string, host: string): Promise<RequestContext> {
  const cookie = `${sessionCookieName(false)}=${token}`;
  return contextOf(web, factsOf(new Request(`http://${host}/`, { headers: { host, cookie } })));
}

async function signInOurAdmin(): Promise<string> {
  const admin = await ours.data.tx((tx) => tx.member.findFirstOrThrow({ where: { handle: "cy" } }));
  const token = newSessionToken();
  await beginSession(ours.data, ours.deps.clock, admin.id, token);
  return token;
}

/** Calls a procedure by its path; a subscription gives what it says within a moment. */
async function callPath(context: RequestContext, path: string, input: unknown): Promise<unknown> {
  const stop = AbortSignal.timeout(STREAM_MS);
  const caller = createCaller(context, { signal: stop });
  const procedure = path.split(".").reduce<unknown>((at, name) => (isIndexable(at) ? at[name] : undefined), caller);
  if (typeof procedure !== "function") throw new TypeError(`${path} is no procedure`);
  const answer: unknown = await procedure(input);
  return isAsyncIterable(answer) ? collect(answer) : answer;
}

async function collect(events: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function isIndexable(value: unknown): value is Record<string, unknown> {
  return (typeof value === "object" || typeof value === "function") && value !== null;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

function expectNothingTheirs(answer: unknown, input: unknown): void {
  const said = JSON.stringify(answer) ?? "";
  const asked = JSON.stringify(input) ?? "";
  for (const [name, id] of Object.entries(foreign)) {
    // What the caller named themselves may come back in a refusal; nothing else may.
    if (typeof id === "string" && !asked.includes(id)) expect(said, `their ${name}`).not.toContain(id);
  }
}

const procedures = Object.keys(appRouter._def.procedures);

test("every procedure and every route has a case, and no case is left over", () => {
  expect(Object.keys(procedureCases).sort()).toEqual([...procedures].sort());
  const routes = restRoutes.map(({ method, path }) => `${method} ${path}`);
  expect(Object.keys(routeCases).sort()).toEqual(routes.sort());
});

describe("as an admin of one org, another org's things do not exist", () => {
  test.each(Object.entries(procedureCases))("%s", async (path, { input, expect: expected }: WrongOrgCase) => {
    const context = await contextAs(await signInOurAdmin(), hostFor(ours));
    const asked = input(foreign);
    const outcome = await callPath(context, path, asked).then(
      (value) => ({ value, error: undefined }),
      (error: unknown) => ({ value: undefined, error }),
    );
    const { error } = outcome;
    const refusal = error instanceof TRPCError ? error : undefined;
    expect(error, "only refusals are thrown").toBe(refusal);
    if (expected === "not_found") expect(refusal?.code).toBe("NOT_FOUND");
    else expect(refusal?.code).not.toBe("INTERNAL_SERVER_ERROR");
    expectNothingTheirs(outcome.value ?? refusal?.message, asked);
  });

  test.each(Object.entries(routeCases))("%s", async (name, { input, expect: expected }: WrongOrgCase) => {
    const asked = input(foreign);
    const response = await handleRest(web, ...restRequest(name, asked, hostFor(ours), apiTokenOf(ours)));
    const body: unknown = await response.json();
    if (expected === "not_found") expect(response.status, JSON.stringify(body)).toBe(404);
    else expect(response.status, JSON.stringify(body)).toBeLessThan(500);
    expectNothingTheirs(body, asked);
  });
});

describe("what another org has is answered as what never was, so that nobody learns that it is", () => {
  const named = (cases: Readonly<Record<string, WrongOrgCase>>) =>
    Object.entries(cases).filter(([, { expect: expected }]) => expected === "not_found");

  test.each(named(procedureCases))("%s", async (path, { input }) => {
    const context = await contextAs(await signInOurAdmin(), hostFor(ours));
    const said = (ids: ForeignIds) =>
      callPath(context, path, input(ids)).then(
        () => expect.unreachable("it answered"),
        (error: unknown) => plain(error instanceof TRPCError ? `${error.code} ${error.message}` : String(error), ids),
      );
    expect(await said(foreign)).toBe(await said(idsOfNothing()));
  });

  test.each(named(routeCases))("%s", async (name, { input }) => {
    const said = async (ids: ForeignIds) => {
      const response = await handleRest(web, ...restRequest(name, input(ids), hostFor(ours), apiTokenOf(ours)));
      return plain(`${response.status} ${await response.text()}`, ids);
    };
    expect(await said(foreign)).toBe(await said(idsOfNothing()));
  });
});

/** Ids as theirs, of things that nobody has. */
function idsOfNothing(): ForeignIds {
  const digest = "0".repeat(64);
  const entries = Object.keys(foreign).map((name) => [name, randomUUID()]);
  const ids = Object.fromEntries(entries);
  return { ...foreign, ...ids, digest, onlyTheirs: "nobody", policyVersion: 9_999, draftNumber: 9_999 };
}

/** What was said, without what the caller named themselves. */
function plain(said: string, ids: ForeignIds): string {
  return Object.values(ids).reduce<string>((text, id) => text.replaceAll(String(id), "…"), said);
}

describe("a proof of one org is worth nothing on another org's host", () => {
  test.each(procedures)("session: %s", async (path) => {
    const context = await contextAs(await signInOurAdmin(), hostFor(theirs));
    expect(context.tenant?.org.id).toBe(foreign.orgId);
    const asked = procedureCases[path]?.input(foreign);
    await expect(callPath(context, path, asked)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });

  test.each(Object.keys(routeCases))("API token: %s", async (name) => {
    const asked = routeCases[name]?.input(foreign);
    const response = await handleRest(web, ...restRequest(name, asked, hostFor(theirs), apiTokenOf(ours)));
    expect(response.status).toBe(401);
  });

  test("and on a host that is no org's, neither session nor token lead anywhere", async () => {
    const host = `nobody.${web.deps.publicUrl.host}`;
    const context = await contextAs(await signInOurAdmin(), host);
    expect(context).toMatchObject({ tenant: undefined, session: undefined });
    const response = await handleRest(web, ...restRequest("GET /me", {}, host, apiTokenOf(ours)));
    expect(response.status).toBe(404);
  });
});

describe("what changes something", () => {
  const mutations = procedures.filter((path) => typeOf(path) === "mutation");

  async function send(path: string, method: string, origin: string | undefined): Promise<number> {
    const host = hostFor(ours);
    const cookie = `${sessionCookieName(false)}=${await signInOurAdmin()}`;
    const input = JSON.stringify(procedureCases[path]?.input(foreign));
    const query = method === "GET" ? `?input=${encodeURIComponent(input)}` : "";
    const headers = { host, cookie, "content-type": "application/json", ...(origin === undefined ? {} : { origin }) };
    const body = method === "GET" ? null : input;
    const request = new Request(`http://${host}/api/trpc/${path}${query}`, { method, headers, body });
    return (await handleTrpc(web, request)).status;
  }

  test("there is something to try", () => expect(mutations.length).toBeGreaterThan(10));

  test.each(mutations)("is not done by GET: %s", async (path) => {
    expect(await send(path, "GET", undefined)).toBe(405);
  });

  test.each(mutations)("is not done for a page elsewhere, nor without an Origin: %s", async (path) => {
    expect(await send(path, "POST", "https://evil.example")).toBe(403);
    expect(await send(path, "POST", `http://${hostFor(theirs)}`)).toBe(403);
    expect(await send(path, "POST", undefined)).toBe(403);
  });
});

function typeOf(path: string): unknown {
  const all: unknown = appRouter._def.procedures;
  const procedure = isIndexable(all) ? all[path] : undefined;
  const definition = isIndexable(procedure) ? procedure["_def"] : undefined;
  return isIndexable(definition) ? definition["type"] : undefined;
}

test("their data is untouched after all of it", async () => {
  const state = await theirs.data.tx(async (tx) => ({
    approval: (await tx.approval.findUniqueOrThrow({ where: { id: foreign.approvalId } })).status,
    enforcer: (await tx.enforcer.findUniqueOrThrow({ where: { id: foreign.enforcerId } })).status,
    locked: await tx.member.count({ where: { lockedAt: { not: null } } }),
    revoked: await tx.apiToken.count({ where: { revokedAt: { not: null } } }),
    versions: await tx.policyVersion.count(),
  }));
  expect(state).toEqual({ approval: "waiting", enforcer: "pending", locked: 0, revoked: 0, versions: 2 });
  expect(await readApiToken(theirs.data, theirs.deps.clock, apiTokenOf(theirs))).toBeDefined();
});

function apiTokenOf(org: TestOrg): string {
  const token = org.answer.people["cy"]?.apiToken;
  if (token === undefined) throw new Error("cy has no API token");
  return token;
}

function restRequest(name: string, input: unknown, host: string, token: string): [Request, string[]] {
  const [method = "GET", path = ""] = name.split(" ");
  const values = isIndexable(input) ? input : {};
  const filled = path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(values[key])));
  const query = method === "GET" ? `?${new URLSearchParams(stringsOf(values))}` : "";
  const headers = { host, authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = method === "GET" ? null : JSON.stringify(input);
  const request = new Request(`http://${host}/api/v1${filled}${query}`, { method, headers, body });
  return [request, filled.split("/").slice(1)];
}

function stringsOf(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}
