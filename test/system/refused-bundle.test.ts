import type { BundleContent } from "@sluice/bundle";
import { expect, inject, test } from "vitest";
import { z } from "zod";
import { callApi } from "./api.ts";
import { eventually } from "./control-data.ts";
import { offerBundle } from "./forged-bundle.ts";
import { runPsql } from "./psql.ts";

const { stateDir, file } = inject("stack");
const anaUrl = file.resources["shop"]?.urls["ana"] ?? "";
const refusedSchema = z.object({
  version: z.number(),
  code: z.string(),
  reason: z.string(),
  since: z.string(),
  nextStep: z.string(),
});
const enforcersSchema = z.object({
  items: z.array(
    z.object({
      current: z.boolean(),
      problem: z.string().nullable(),
      appliedVersion: z.number(),
      refused: refusedSchema.nullable(),
    }),
  ),
});

async function enforcer() {
  const [first] = enforcersSchema.parse((await callApi(file, "cy", "GET", "/enforcers")).body).items;
  if (!first) throw new Error("no enforcer");
  return first;
}

/** The worker mends a bundle that says something else than it would build, once a minute: then this one came too late. */
async function offerUntilRefused(change: Parameters<typeof offerBundle>[1]) {
  for (let tries = 1; ; tries += 1) {
    const good = await enforcer();
    const offered = await offerBundle(stateDir, change);
    const done = (one: Awaited<ReturnType<typeof enforcer>>) =>
      one.refused?.version === offered.version || one.appliedVersion > offered.version;
    const seen = await eventually(enforcer, done, 30_000);
    if (seen.refused?.version === offered.version || tries === 3) return { good, offered, seen };
  }
}

const permit = (annotations: Record<string, string>) => ({
  effect: "permit",
  principal: { op: "All" },
  action: { op: "All" },
  resource: { op: "All" },
  conditions: [],
  annotations,
});
const added = (policies: BundleContent["policies"], set: keyof BundleContent["policies"], policy: object) => {
  const sets = z.object({ staticPolicies: z.record(z.string(), z.unknown()) }).loose();
  const before = sets.parse(policies[set]);
  return { policies: { ...policies, [set]: { ...before, staticPolicies: { ...before.staticPolicies, odd: policy } } } };
};

test.each([
  [
    "language version",
    "9.9",
    ({ policies }: BundleContent) => ({ policies: { ...policies, access: { staticPolicies: {}, language: "9.9" } } }),
  ],
  [
    "annotation",
    "@teleport",
    ({ policies }: BundleContent) => added(policies, "access", permit({ id: "odd", teleport: "1" })),
  ],
  [
    "obligation",
    "@limit_moods",
    ({ policies }: BundleContent) => added(policies, "obligations", permit({ id: "odd", limit_moods: "3" })),
  ],
])(
  "an enforcer refuses a bundle with an unknown %s, goes on with the last good one, and the console says so",
  async (_, word, change) => {
    const { good, offered, seen } = await offerUntilRefused(change);
    const { refused, ...rest } = seen;
    expect(rest).toMatchObject({ current: false, appliedVersion: good.appliedVersion });
    expect(refused).toMatchObject({ code: "bundle.bad_policies" });
    expect(refused?.reason).toContain(word);
    expect(refused?.nextStep).toContain("Update this enforcer");
    expect(Date.now() - Date.parse(refused?.since ?? "")).toBeLessThan(60_000);
    expect(rest.problem).toContain(`goes on with bundle ${good.appliedVersion}`);
    const read = await runPsql(anaUrl, "SELECT email FROM customers WHERE id = 1");
    expect(read.output).toContain("(1 row)");
    expect(read.output).not.toContain("1@example.com");
    expect((await runPsql(anaUrl, "DELETE FROM customers")).output).toContain("42501: Sluice:");
    const mended = await offerBundle(stateDir, () => ({ policies: offered.before.policies }));
    expect(await eventually(enforcer, (one) => one.appliedVersion === mended.version)).toMatchObject({
      current: true,
      refused: null,
    });
  },
);
