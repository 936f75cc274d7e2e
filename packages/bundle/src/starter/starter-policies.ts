import { readFileSync } from "node:fs";
import { checkPolicies, type PolicyTexts } from "../build/check-policies.ts";
import { fileNameOf } from "../build/file-names.ts";
import type { PolicyTests } from "../build/policy-tests.ts";
import { policySuiteSchema } from "../build/test-format.ts";

/** The policies a new org begins with, as texts to edit: see guardrails.cedar, access.cedar and obligations.cedar. */
export function starterPolicies(): PolicyTexts {
  return { guardrails: read("guardrails.cedar"), access: read("access.cedar"), obligations: read("obligations.cedar") };
}

/** Their tests, each case beside the policy that determines it first; cases that none determines are the suite `other`. */
export function starterTests(): PolicyTests {
  const { entities, cases } = policySuiteSchema.parse(JSON.parse(read("starter.policy-tests.json")));
  const places = new Map(
    checkPolicies(starterPolicies()).policies.map(({ id, set }) => [id, `${set}/${fileNameOf(id)}`]),
  );
  const suites: Record<string, PolicyTests["suites"][string]> = {};
  for (const each of cases) {
    const name = places.get(each.expect.determining?.[0] ?? "") ?? "other";
    suites[name] = { entities: [], cases: [...(suites[name]?.cases ?? []), each] };
  }
  return { entities, suites };
}

function read(file: string): string {
  return readFileSync(new URL(file, import.meta.url), "utf8");
}
