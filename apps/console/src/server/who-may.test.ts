import { TRPCError } from "@trpc/server";
import { describe, expect, test } from "vitest";
import { type Role, roleAllows, roleSchema } from "./auth/permissions.ts";
import { restRoutes } from "./rest/routes.ts";
import { appRouter, createCaller } from "./root.ts";
import type { OrgData, OrgScope } from "./scope.ts";
import type { RequestContext } from "./trpc.ts";
import { type WhoMay, whoMayCall, whoMayRequest } from "./who-may-cases.ts";

const rolesOf: Readonly<Record<WhoMay, readonly Role[]>> = {
  everybody: roleSchema.options,
  "reads all records": ["admin", "editor", "approver", "auditor"],
  "decides exchanges": ["admin", "editor", "approver", "engineer"],
  "approves policies": ["admin", "editor", "approver"],
  "writes policies": ["admin", "editor"],
  "reads settings": ["admin", "editor", "auditor"],
  administers: ["admin"],
};

/** Data that nobody may reach here: whoever asks for it was let through. */
const unreachable: OrgData = {
  orgId: "01a20278-bcc9-7eed-a7d1-8897f3409fff",
  tx: () => Promise.reject(new Error("reached the data")),
  sql: () => Promise.reject(new Error("reached the data")),
};

function actorAs(role: Role): OrgScope["actor"] {
  const memberId = "01a20278-c8f3-76aa-bd33-8016329398de";
  return { memberId, handle: "ana", name: "Ana", email: "ana@acme.test", role, groups: ["approvers", "admins"] };
}

function contextOf(role: Role | undefined): RequestContext {
  const org = { id: unreachable.orgId, slug: "acme", name: "Acme", origin: "http://localhost" };
  const session = role && {
    actor: actorAs(role),
    stillLives: () => Promise.resolve(false),
    stopping: AbortSignal.abort(),
  };
  // what is behind the ladder fails at the first thing it needs
  return { deps: Object.create(null), tenant: { org, data: unreachable }, session };
}

async function outcomeOf(path: string, role: Role | undefined): Promise<string> {
  const caller = createCaller(contextOf(role), { signal: AbortSignal.abort() });
  const procedure = path.split(".").reduce<unknown>((at, name) => (isIndexable(at) ? at[name] : undefined), caller);
  if (typeof procedure !== "function") throw new TypeError(`${path} is no procedure`);
  try {
    await procedure({});
    return "answered";
  } catch (error) {
    return error instanceof TRPCError ? error.code : "reached";
  }
}

function isIndexable(value: unknown): value is Record<string, unknown> {
  return (typeof value === "object" || typeof value === "function") && value !== null;
}

const procedures = Object.keys(appRouter._def.procedures);
const routeName = ({ method, path }: { readonly method: string; readonly path: string }) => `${method} ${path}`;

test("for every procedure and every route it is written down who may", () => {
  expect(Object.keys(whoMayCall).sort()).toEqual([...procedures].sort());
  expect(Object.keys(whoMayRequest).sort()).toEqual(restRoutes.map(routeName).sort());
});

describe.each(Object.entries(whoMayCall))("%s", (path, who) => {
  test.each(roleSchema.options)(`is for whoever ${who}, asked as %s`, async (role) => {
    const outcome = await outcomeOf(path, role);
    if (rolesOf[who].includes(role)) expect(["FORBIDDEN", "UNAUTHORIZED"]).not.toContain(outcome);
    else expect(outcome).toBe("FORBIDDEN");
  });

  test("is for nobody who is not signed in", async () => {
    expect(await outcomeOf(path, undefined)).toBe("UNAUTHORIZED");
  });
});

test.each(restRoutes.map((route) => [routeName(route), route] as const))(
  "%s is for whom it should be",
  (name, route) => {
    const who = whoMayRequest[name];
    const { permission } = route;
    const may = roleSchema.options.filter((role) => permission === undefined || roleAllows(role, permission));
    expect(may).toEqual(rolesOf[who ?? "administers"]);
  },
);
