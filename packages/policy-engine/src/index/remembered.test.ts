import { describe, expect, test } from "vitest";
import { type CompiledPolicy, compileSet } from "../compile/policy.ts";
import { Outcome } from "../evaluate.ts";
import { createSnapshot, entityUid, value } from "../index.ts";
import { envOf } from "../request.ts";
import { Fault } from "../values/fault.ts";
import { Bucket } from "./bucket.ts";
import { PathReaders } from "./plan.ts";
import { Remembered } from "./remembered.ts";

const ana = entityUid("User", "ana");
const request = { action: entityUid("Action", "a"), resource: ana, context: value.record({ n: 1 }) };
const found = envOf({ ...request, principal: ana, entities: createSnapshot([]) }, ana);
if (found instanceof Fault) throw new Error(found.message);
const env = found;
const readers = new PathReaders();

const is = (type: string) => ({ is: { left: { Var: "principal" }, entity_type: type } });
const small = { "<": { left: { ".": { left: { Var: "context" }, attr: "n" } }, right: { Value: 5 } } };
const both = (left: unknown, right: unknown) => ({ "&&": { left, right } });

function policies(count: number, body?: unknown): CompiledPolicy[] {
  const all = { op: "All" };
  const conditions = body === undefined ? [] : [{ kind: "when", body }];
  const each = { effect: "permit", principal: all, action: all, resource: all, conditions };
  const named = Array.from({ length: count }, (_, at) => [`p${at}`, each] as const);
  return compileSet({ staticPolicies: Object.fromEntries(named) }, "access", "ignore");
}

function bucketOf(...groups: readonly CompiledPolicy[][]): Bucket {
  return new Bucket(groups.flat(), readers);
}

/** Asks for a triple of its own so many times, and gives the sizes of its plans and how many policies they found satisfied. */
function asked(times: number, ...buckets: readonly Bucket[]): { readonly sizes: number[]; readonly satisfied: number } {
  const memory = new Remembered(readers);
  const keys = ["key"];
  memory.set(keys, keys, keys, buckets);
  let plans: ReturnType<Remembered["get"]>;
  for (let time = 1; time < times; time += 1) plans = memory.get(keys, keys, keys, env);
  const outcome = new Outcome(env);
  for (const plan of plans ?? []) plan.askInto(outcome, env);
  return { sizes: (plans ?? []).map(({ size }) => size), satisfied: outcome.permits.length };
}

describe("a triple that comes again", () => {
  test("gets small buckets in one plan, and large ones as they are", () => {
    expect(asked(2, bucketOf(policies(64)), bucketOf(policies(3)))).toEqual({ sizes: [67], satisfied: 67 });
    expect(asked(2, bucketOf(policies(65)), bucketOf(policies(3)))).toEqual({ sizes: [3, 65], satisfied: 68 });
    expect(asked(2)).toEqual({ sizes: [0], satisfied: 0 });
  });

  test("gets no more than 512 policies in a plan of its own", () => {
    const eight = Array.from({ length: 8 }, () => bucketOf(policies(64)));
    expect(asked(2, ...eight)).toEqual({ sizes: [512], satisfied: 512 });
    expect(asked(2, ...eight, bucketOf(policies(1)))).toEqual({ sizes: [512, 1], satisfied: 513 });
    const more = [bucketOf(policies(64)), bucketOf(policies(1))];
    expect(asked(2, ...eight, ...more)).toEqual({ sizes: [512, 64, 1], satisfied: 577 });
    expect(asked(16, bucketOf(policies(600, is("User"))))).toEqual({ sizes: [0, 600], satisfied: 600 });
  });

  test("is rid of what its entities rule out, in small buckets at once and in large ones when it came sixteen times", () => {
    const few = bucketOf(policies(4), policies(5, is("Agent")), policies(6, is("User")));
    expect(asked(2, few)).toEqual({ sizes: [10], satisfied: 10 });
    const many = bucketOf(policies(60), policies(5, is("Agent")), policies(6, is("User")));
    expect(asked(15, many)).toEqual({ sizes: [0, 71], satisfied: 66 });
    expect(asked(16, many)).toEqual({ sizes: [6, 60], satisfied: 66 });
    expect(asked(17, many)).toEqual({ sizes: [6, 60], satisfied: 66 });
  });

  test("is asked each policy once, also when a single one of a large bucket can be ruled out", () => {
    expect(asked(16, bucketOf(policies(70), policies(1, is("User"))))).toEqual({ sizes: [1, 70], satisfied: 71 });
    expect(asked(16, bucketOf(policies(70, small), policies(1, both(is("User"), small))))).toEqual({
      sizes: [1, 70],
      satisfied: 71,
    });
    expect(asked(16, bucketOf(policies(70)))).toEqual({ sizes: [0, 70], satisfied: 70 });
  });
});

describe("the memory", () => {
  test("knows nothing that was not asked", () => {
    const memory = new Remembered(readers);
    expect(memory.get(["a"], ["r"], ["p"], env)).toBeUndefined();
    memory.set(["a"], ["r"], ["p"], []);
    // keys are told apart by identity: they belong to one entity of one snapshot
    expect(memory.get(["a"], ["r"], ["p"], env)).toBeUndefined();
  });

  test("keeps what is in use, forgets what is not, and never holds more than two halves", () => {
    const memory = new Remembered(readers);
    const action = ["action"];
    const resource = ["resource"];
    const principals = Array.from({ length: 3 * 4_096 }, () => ["principal"]);
    const known = (at: number) => memory.get(action, resource, principals[at] ?? [], env) !== undefined;
    for (const [at, principal] of principals.entries()) {
      memory.set(action, resource, principal, []);
      if (at % 1_000 === 0) known(0);
    }
    expect(known(4_095)).toBe(false);
    expect(known(2 * 4_096)).toBe(true);
    expect(known(0)).toBe(true);
    expect(known(3 * 4_096 - 1)).toBe(true);
    expect(known(1)).toBe(false);
  });

  /** Asks for so many triples, each twice where it has buckets, and says whether the first is still known. */
  function stillKnows(count: number, bucketsOf: (at: number) => readonly Bucket[]): boolean {
    const memory = new Remembered(readers);
    const keys = Array.from({ length: count }, () => ["entity"]);
    const same = ["same"];
    for (const [at, key] of keys.entries()) {
      const buckets = bucketsOf(at);
      memory.set(same, same, key, buckets);
      if (buckets.length > 0) memory.get(same, same, key, env);
    }
    return memory.get(same, same, keys[0] ?? [], env) !== undefined;
  }

  test("holds 2 × 4,096 triples, no fewer and no more", () => {
    expect([8_192, 8_193].map((count) => stillKnows(count, () => []))).toEqual([true, false]);
  });

  test("holds 2 × 262,144 policies in plans, no fewer and no more", { timeout: 60_000 }, () => {
    const full = Array.from({ length: 8 }, () => bucketOf(policies(64)));
    const oneLess = [...full.slice(1), bucketOf(policies(63))];
    expect([1_024, 1_025].map((count) => stillKnows(count, () => full))).toEqual([true, false]);
    // one policy below the bound, the next triple still fits into the first half
    const bucketsOf = (at: number) => (at === 0 ? oneLess : full);
    expect(stillKnows(1_025, bucketsOf)).toBe(true);
  });
});
