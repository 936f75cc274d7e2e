import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import type { Env } from "../compile/env.ts";
import { type CompiledPolicy, compileSet } from "../compile/policy.ts";
import { compileConstraint } from "../compile/scope.ts";
import type { EntityInput } from "../contract.ts";
import { asFault } from "../evaluate.ts";
import { entityUid, value } from "../values/construct.ts";

/** Picks a whole number below the bound. */
export type Pick = (below: number) => number;

/** Conditions that an index could get wrong: guards of every kind, what principal and resource alone tell, and errors. */
const conjuncts = [
  "context.n < 5",
  "context.n >= 5",
  "!(context.n < 3)",
  "context.n > 2 && context.n <= 7",
  "context.n == 5",
  "[4, 5].contains(context.n)",
  'context.s like "a*"',
  '!(context.s like "a*")',
  'context.s == "ab"',
  "context.b",
  "!context.b",
  'context.set.contains("x")',
  '!(context.set.contains("x"))',
  "context.set.contains([1])",
  'context.ip.isInRange(ip("10.0.0.0/8"))',
  '!(context.ip.isInRange(ip("10.0.0.0/8")))',
  'context.ip.isInRange(ip("fe80::/10"))',
  "context has n",
  "context has r.n && context.r.n < 5",
  "context has r && context.r has n && context.r.n == 5",
  "context.r.n != 5",
  "principal is User",
  "principal is Agent",
  'principal in Group::"g1"',
  'principal in [Group::"g1", Group::"g2"]',
  "principal.level > 2",
  'principal.name like "a*"',
  "principal has level",
  "principal.missing == 1",
  'resource.hasTag("env") && resource.getTag("env") == "prod"',
  'resource.getTag("none") == "prod"',
  "principal == resource.owner",
  "resource.owner in resource",
  "resource.owner.level == 3",
  "resource.owner is User",
  "context.owner is User",
  'resource.owner in Group::"g1"',
  'context.owner in Group::"g1"',
  "context.owner == principal",
  "principal has rec.a",
  "principal.rec has a && principal.rec.a == 1",
  "true",
  "(principal.level > 2 || context.b)",
  "!(principal.level < 2 || context.n < 2)",
  "!!(principal.level == 3)",
  "if context.b then context.n < 5 else principal.level > 2",
] as const;

const scopes = [
  "principal, action, resource",
  'principal in Group::"g1", action, resource',
  'principal == User::"u1", action in [Action::"read", Action::"all"], resource',
  'principal is User, action == Action::"read", resource in Folder::"f"',
  'principal is User in Group::"g2", action, resource is Doc',
  'principal, action in Action::"all", resource == Doc::"d1"',
] as const;

const known = new Map<string, cedar.PolicyJson>();

function parsed(text: string): cedar.PolicyJson {
  const found = known.get(text);
  if (found !== undefined) return found;
  const read = cedar.policyToJson(text);
  if (read.type === "failure") throw new Error(text, { cause: read.errors });
  known.set(text, read.json);
  return read.json;
}

/** Policies with one to three of the conjuncts each; every seventh is an obligation in all but name. */
export function randomPolicies(pick: Pick, count: number): CompiledPolicy[] {
  const static_ = Array.from({ length: count }, (_, at) => {
    // most share one scope, so that its bucket is large
    const scope = scopes[pick(3) === 0 ? pick(scopes.length) : 0];
    const body = Array.from({ length: pick(4) }, () => `(${conjuncts[pick(conjuncts.length)]})`).join(" && ");
    const text = `${pick(2) === 0 ? "permit" : "forbid"} (${scope}) ${body === "" ? "" : `when { ${body} }`};`;
    return [`p${at}`, parsed(text)] as const;
  });
  const third = Math.floor(count / 3);
  const compiled = (from: number, to: number, set: "access" | "obligations") =>
    compileSet({ staticPolicies: Object.fromEntries(static_.slice(from, to)) }, set, "ignore", from);
  return [...compiled(0, 2 * third, "access"), ...compiled(2 * third, count, "obligations")];
}

const names = ["u1", "u2", "u3"] as const;

/** Principals of several kinds, one of them without an entity; documents with tags and owners. */
export function worldEntities(pick: Pick): EntityInput[] {
  const group = (id: string) => entityUid("Group", id);
  const people = names.map((id, at) => ({
    uid: entityUid("User", id),
    attrs: { level: at + 1, name: `${"ab"[at % 2]}x`, rec: value.record({ a: at }) },
    parents: [group(`g${1 + pick(2)}`)],
  }));
  const documents = ["d1", "d2"].map((id, at) => ({
    uid: entityUid("Doc", id),
    attrs: { owner: entityUid("User", names[at] ?? "u1") },
    tags: at === 0 ? { env: "prod" } : {},
    parents: [entityUid("Folder", pick(2) === 0 ? "f" : "e")],
  }));
  const actions = [{ uid: entityUid("Action", "read"), attrs: {}, parents: [entityUid("Action", "all")] }];
  return [...people, ...documents, ...actions];
}

/** Contexts with every attribute, some, or none, and some of another type. */
export function randomContext(pick: Pick) {
  const ips = ["10.1.2.3", "11.0.0.1", "10.0.0.0/7", "fe80::1", "::1"] as const;
  const fields = Object.entries({
    n: pick(9) === 0 ? 2n ** 60n : pick(9),
    s: ["a", "ab", "b"][pick(3)] ?? "a",
    b: pick(2) === 0,
    set: value.set(pick(2) === 0 ? ["x"] : ["y", value.set([1])]),
    ip: value.ip(ips[pick(5)] ?? "::1"),
    owner: entityUid("User", names[pick(3)] ?? "u1"),
    r: value.record(pick(3) === 0 ? {} : { n: pick(7) }),
  });
  const odd = pick(7);
  return value.record(
    fields.flatMap(([name, field], at) => (at === odd ? oddly(pick, name) : [[name, field] as const])),
  );
}

function oddly(pick: Pick, name: string): (readonly [string, string | number])[] {
  return pick(2) === 0 ? [] : [[name, pick(2) === 0 ? "odd" : 7]];
}

/** What every policy says, asked one after the other without an index: the ids of the satisfied and the failed. */
export function askedOneByOne(policies: readonly CompiledPolicy[], env: Env): string {
  const said: string[] = [];
  for (const policy of policies) {
    const fits = (["principal", "action", "resource"] as const).every(
      (part) => compileConstraint(policy.scope[part], (of) => of[part])?.(env) ?? true,
    );
    const outcome = fits && policy.holds(env);
    if (outcome === true) said.push(`${policy.part} ${policy.id}`);
    else if (outcome !== false) said.push(`error ${policy.id}: ${asFault(outcome).message}`);
  }
  return said.sort().join("\n");
}
