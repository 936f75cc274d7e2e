import { canonicalJson, unwrap } from "@sluice/kernel";
import { load } from "@sluice/policy-engine";
import { describe, expect, test, vi } from "vitest";
import { recheck } from "../index.ts";
import { starterPolicies, starterTests } from "../starter/starter-policies.ts";
import { buildPolicies, buildPoliciesInSlices, checkPolicies, type OnProgress, preparePolicies } from "./index.ts";
import { selfCheckSteps } from "./self-check/self-check.ts";
import { drain } from "./steps.ts";

// the official parser and validator take their time on a busy machine
vi.setConfig({ testTimeout: 30_000 });

const texts = starterPolicies();
const built = unwrap(buildPolicies(texts, starterTests()));
const engine = unwrap(load(built.policies));

describe("the self-check of a bundle", () => {
  test("asks both engines about the starter pack, its tests and every policy, and carries the vectors", () => {
    expect(built.selfCheck.vectors.length).toBeGreaterThan(70);
    const kinds = new Set(built.selfCheck.vectors.map(({ expect: verdict }) => canonicalJson(verdict).slice(0, 60)));
    expect(kinds.size).toBeGreaterThan(10);
    expect(recheck(engine, built.selfCheck)).toEqual({ ok: true, value: built.selfCheck.vectors.length });
  });

  test("says the same for the same texts, so that an unchanged bundle stays the same bytes", () => {
    expect(canonicalJson(unwrap(buildPolicies(texts, starterTests())))).toBe(canonicalJson(built));
  });

  test("covers every policy: derived vectors satisfy nine of ten", () => {
    const satisfied = new Set(
      built.selfCheck.vectors.flatMap(
        ({ expect: verdict }) => canonicalJson(verdict).match(/[a-z]+(?:-[a-z]+)+/g) ?? [],
      ),
    );
    const ids = checkPolicies(texts)
      .policies.filter(({ set }) => set !== "obligations")
      .map(({ id }) => id);
    expect(ids.filter((id) => satisfied.has(id)).length / ids.length).toBeGreaterThan(0.9);
  });

  test("refuses an engine that answers otherwise, on the whole set and where the bundle is loaded", () => {
    const other = unwrap(load(unwrap(buildPolicies({ ...texts, guardrails: "" })).policies));
    const { policies } = checkPolicies(texts);
    expect(drain(selfCheckSteps(policies, other, starterTests()))).toMatchObject({
      ok: false,
      error: expect.stringContaining("differ on the whole set"),
    });
    expect(recheck(other, built.selfCheck)).toMatchObject({ ok: false, error: { code: "bundle.self_check" } });
  });

  test("refuses a vector that cannot be read", () => {
    const vectors = built.selfCheck.vectors.map((vector) => ({
      ...vector,
      context: { now: { __extn: { fn: "no", arg: "" } } },
    }));
    expect(recheck(engine, { vectors })).toMatchObject({ ok: false });
  });

  test("asks only about what changed", () => {
    const reworded = (from: string, to: string) => ({
      guardrails: texts.guardrails.replaceAll(from, to),
      access: texts.access.replaceAll(from, to),
      obligations: texts.obligations.replaceAll(from, to),
    });
    const took = (changed: typeof texts) => {
      const start = performance.now();
      unwrap(buildPolicies(changed, starterTests()));
      return performance.now() - start;
    };
    const all = took(reworded('@description("', '@description("Again: '));
    const one = took(reworded("Engineers read every table", "Engineers read each table"));
    expect(one).toBeLessThan(all / 2);
  });
});

describe("building in slices", () => {
  /** The starter pack as nobody saw it before. */
  const reworded = (word: string) => ({
    guardrails: texts.guardrails.replaceAll('@description("', `@description("${word}: `),
    access: texts.access.replaceAll('@description("', `@description("${word}: `),
    obligations: texts.obligations.replaceAll('@description("', `@description("${word}: `),
  });

  /** What it gives, how often others got their turn meanwhile, and what was told of its progress. */
  async function watched<T>(work: (onProgress: OnProgress) => Promise<T>) {
    const told: Parameters<OnProgress>[0][] = [];
    let turns = 0;
    let over = false;
    const others = (async () => {
      for (; !over; turns += 1) await new Promise((resume) => setImmediate(resume));
    })();
    const result = await work((progress) => told.push(progress));
    over = true;
    await others;
    return { result, told, turns };
  }

  test("gives what building at once gives, and lets others have their turn", async () => {
    const other = reworded("sliced");
    const { result, told, turns } = await watched((onProgress) =>
      buildPoliciesInSlices(other, starterTests(), onProgress),
    );
    expect(turns).toBeGreaterThan(1); // at once is one; how many slices there are is the machine's business
    expect(canonicalJson(unwrap(result))).toBe(canonicalJson(unwrap(buildPolicies(other, starterTests()))));
    expect(told.length).toBeGreaterThan(3);
    const count = checkPolicies(other).policies.length;
    expect(new Set(told.map(({ total }) => total))).toEqual(new Set([2 * count]));
    expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((left, right) => left - right));
    expect(told.at(-1)?.done).toBeLessThanOrEqual(2 * count);
  });

  test("two at a time give what each gives alone, also with other tests about the same policies", async () => {
    const other = reworded("twice");
    const both = await Promise.all([buildPoliciesInSlices(other, starterTests()), buildPoliciesInSlices(other)]);
    const alone = [buildPolicies(other, starterTests()), buildPolicies(other)];
    expect(both.map((one) => canonicalJson(unwrap(one)))).toEqual(alone.map((one) => canonicalJson(unwrap(one))));
  });

  test("what is prepared takes no second time, and a text with errors is told as it is at once", async () => {
    const other = reworded("prepared");
    expect((await watched((onProgress) => preparePolicies(other, onProgress))).turns).toBeGreaterThan(1);
    const again = await watched((onProgress) => preparePolicies(other, onProgress));
    expect(again.told).toEqual([]);
    const wrong = {
      ...other,
      access: `${other.access} permit (principal, action, resource) when { context.nothing };`,
    };
    expect(await buildPoliciesInSlices(wrong)).toEqual(buildPolicies(wrong));
  });
});
