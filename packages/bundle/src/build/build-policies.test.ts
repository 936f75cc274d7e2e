import { canonicalJson, unwrap } from "@sluice/kernel";
import { load } from "@sluice/policy-engine";
import { describe, expect, test, vi } from "vitest";
import { recheck } from "../index.ts";
import { starterPolicies, starterTests } from "../starter/starter-policies.ts";
import { buildPolicies, checkPolicies } from "./index.ts";
import { selfCheck } from "./self-check/self-check.ts";

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
    expect(selfCheck(policies, other, starterTests())).toMatchObject({
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
