import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { unwrap } from "@sluice/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DecisionRequest } from "./contract.ts";
import { createSnapshot, entityUid, load, value, valueFromCedarJson } from "./index.ts";

function est(text: string) {
  const parts = cedar.policySetTextToParts(text);
  if (parts.type !== "success") throw new Error(JSON.stringify(parts.errors));
  const read = parts.policies.map((policy) => cedar.policyToJson(policy));
  const staticPolicies = read.map((answer, at) => {
    if (answer.type !== "success") throw new Error(JSON.stringify(answer.errors));
    return [`p${at}`, answer.json] as const;
  });
  return { language: "4.5", staticPolicies: Object.fromEntries(staticPolicies) };
}

const everything = est(`@id("all") permit(principal, action, resource);`);
const empty = est("");
// what the language itself would stumble over if attributes were looked up on objects
const inherited = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "prototype"] as const;
const curious = est(
  inherited
    .map(
      (name) =>
        `@id("no-${name.replaceAll("_", "")}") forbid(principal, action, resource) when {
           context has "${name}" || principal has "${name}" || context.sql has "${name}" || resource.hasTag("${name}") };`,
    )
    .join("\n"),
);
const open = unwrap(load({ guardrails: curious, access: everything, obligations: empty }));

const ana = entityUid("User", "ana");
const entities = createSnapshot([{ uid: ana, attrs: {}, parents: [] }]);
const sound: DecisionRequest = {
  principal: ana,
  action: entityUid("Action", "sql.read.select"),
  resource: entityUid("Table", "shop/public.customers"),
  context: value.record({ sql: value.record({}) }),
  entities,
};

const cyclic: { self?: unknown; type: string } = { type: "User" };
cyclic.self = cyclic;
const lying = new Proxy({}, { has: () => true, get: () => ({}) });
const throwing = new Proxy(
  {},
  {
    get() {
      throw new Error("no");
    },
    getPrototypeOf() {
      throw new Error("no");
    },
  },
);
const misfits = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true }),
  fc.constantFrom<unknown>(undefined, null, Number.NaN, -0, "User", Symbol("s"), () => ana, cyclic, lying, throwing),
  fc.constantFrom<unknown>({ type: "User" }, { id: "ana" }, { type: 1, id: 2 }, { type: "User", id: ["ana"] }),
  fc.constantFrom<unknown>(Object.create(entities), new Map(), [ana]),
);

function isName(given: unknown): boolean {
  if (typeof given !== "object" || given === null || given === lying || given === throwing) return false;
  return "type" in given && "id" in given && typeof given.type === "string" && typeof given.id === "string";
}

/** The type system would refuse these; a caller in a hurry, or one that reads JSON, would not. */
function forged(fields: Readonly<Record<string, unknown>>): DecisionRequest {
  return Object.assign({ ...sound }, fields);
}

describe("a hostile request", () => {
  test("is the only thing refused here: the same without hostility is allowed", () => {
    expect(open.decide(sound)).toMatchObject({ kind: "allow", errors: [] });
  });

  test.each(["principal", "action", "resource", "context", "entities", "onBehalfOf"] as const)(
    "is denied with the reason, never thrown, whatever stands for its %s",
    (part) => {
      fc.assert(
        fc.property(misfits, (misfit) => {
          fc.pre(!(part === "onBehalfOf" && misfit === undefined));
          const verdict = open.decide(forged({ [part]: misfit }));
          const named = part !== "context" && part !== "entities" && isName(misfit);
          if (named) return;
          expect(verdict).toMatchObject({ kind: "deny", code: "bad_request" });
          expect(verdict.errors[0]?.message).toMatch(/^the \w+ /);
          expect(open.explain(forged({ [part]: misfit })).wouldAllow).toEqual(["a well-formed request"]);
        }),
        { seed: 8, numRuns: 300 },
      );
    },
  );

  test.each([undefined, null, 7, "request", lying, throwing])(
    "is denied when it is no request at all: %#",
    (request) => {
      expect(Reflect.apply(open.decide, open, [request])).toMatchObject({ kind: "deny", code: "bad_request" });
      expect(Reflect.apply(open.explain, open, [request])).toMatchObject({ wouldAllow: ["a well-formed request"] });
    },
  );

  test("cannot make attributes of what every object inherits", () => {
    expect(open.decide(sound).kind).toBe("allow");
    for (const name of inherited) {
      const polluted: unknown = JSON.parse(`{"${name}": true, "sql": {}}`);
      const context = unwrap(valueFromCedarJson(polluted));
      expect(open.decide({ ...sound, context })).toMatchObject({
        kind: "deny",
        determining: [`no-${name.replaceAll("_", "")}`],
      });
      expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    }
  });

  test("with attributes of any shape is decided, and what a guardrail cannot read denies", () => {
    const guardrails = est(`
      @id("rows") forbid(principal, action, resource) when { context.sql.objectCount > 100 };
      @id("ip") forbid(principal, action, resource) when { !context.client.ip.isInRange(ip("10.0.0.0/8")) };
      @id("text") forbid(principal, action, resource) when { context.client.application like "*bad*tool*" };
      @id("set") forbid(principal, action, resource) when { context.sql.columns.containsAny(["salary"]) };`);
    const strict = unwrap(load({ guardrails, access: everything, obligations: empty }));
    const sane = {
      sql: { objectCount: 1, columns: [] },
      client: { ip: { __extn: { fn: "ip", arg: "10.0.0.1" } }, application: "x" },
    };
    expect(strict.decide({ ...sound, context: unwrap(valueFromCedarJson(sane)) }).kind).toBe("allow");
    fc.assert(
      fc.property(fc.constantFrom("sql", "client"), fc.jsonValue(), (part, shape) => {
        const context = valueFromCedarJson({ ...sane, [part]: shape });
        // null and fractions are no Cedar values: refused where they are read, before there is a request
        if (!context.ok) return;
        const verdict = strict.decide({ ...sound, context: context.value });
        expect(verdict).toMatchObject({ kind: "deny", code: "policy_error" });
        expect(verdict.errors.every(({ message }) => message !== "")).toBe(true);
      }),
      { seed: 9, numRuns: 500 },
    );
  });

  test("of huge texts and deep values is decided in bounded time", () => {
    const guardrails = est(`
      @id("like") forbid(principal, action, resource) when { context.text like "*a*b*c*d*" };
      @id("same") forbid(principal, action, resource) when { context.deep == context.other };`);
    const engine = unwrap(load({ guardrails, access: everything, obligations: empty }));
    let deep = value.record({ end: 1 });
    let other = value.record({ end: 2 });
    for (let level = 0; level < 100_000; level += 1) {
      deep = value.record({ deep });
      other = value.record({ deep: other });
    }
    const context = value.record({ text: "abc".repeat(1_000_000), deep, other });
    const start = performance.now();
    expect(engine.decide({ ...sound, context }).kind).toBe("deny");
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test("is not half believed: a value that is none never becomes part of one, and what is undefined is absent", () => {
    for (const none of [null, {}, [], Symbol("s"), () => true, Number.NaN, 0.5, Infinity, 2n ** 63n]) {
      expect(() => Reflect.apply(value.record, value, [{ none }])).toThrow(/Cedar/);
      expect(() => Reflect.apply(value.set, value, [[none]])).toThrow(/Cedar/);
    }
    const context = Reflect.apply(value.record, value, [{ gone: undefined }]);
    const guardrails = est(`@id("gone") forbid(principal, action, resource) when { context.gone };`);
    const engine = unwrap(load({ guardrails, access: everything, obligations: empty }));
    expect(engine.decide({ ...sound, context })).toMatchObject({ kind: "deny", code: "policy_error" });
  });

  test("of JSON that turns in circles is refused where it is read", () => {
    expect(valueFromCedarJson(cyclic)).toMatchObject({ ok: false, error: { code: "policy.bad_value" } });
  });
});
