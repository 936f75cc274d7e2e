import type { Env } from "./compile/env.ts";
import type { CompiledPolicy } from "./compile/policy.ts";
import { compileConstraint } from "./compile/scope.ts";
import { constraintText } from "./reads.ts";

/** How many permits are looked at in search of the nearest. */
const PERMITS_MAX = 2_000;

type Part = "principal" | "resource";

interface Near {
  readonly policy: CompiledPolicy;
  /** the parts of its scope that do not fit; none when its conditions are what is missing */
  readonly missing: readonly Part[];
}

/** Access policies for this action that miss by least, in words; and how many were not looked at. */
export function nearestPermits(
  policies: readonly CompiledPolicy[],
  env: Env,
  count: number,
): { readonly texts: string[]; readonly unseen: number } {
  const permits = policies.filter(({ set, effect }) => set === "access" && effect === "permit");
  const near: Near[] = [];
  for (const policy of permits.slice(0, PERMITS_MAX)) {
    const missing = missingParts(policy, env);
    if (missing !== undefined) near.push({ policy, missing });
  }
  near.sort((left, right) => missesOf(left) - missesOf(right));
  return { texts: near.slice(0, count).map(textOf), unseen: Math.max(0, permits.length - PERMITS_MAX) };
}

/** What does not fit of a permit's scope; undefined when it is about another action, or held all along. */
function missingParts({ scope, holds }: CompiledPolicy, env: Env): readonly Part[] | undefined {
  if (compileConstraint(scope.action, (of) => of.action)?.(env) === false) return undefined;
  const missing = (["principal", "resource"] as const).filter(
    (part) => compileConstraint(scope[part], (of) => of[part])?.(env) === false,
  );
  // for one of two askers it may well hold: then nothing about it is missing
  return missing.length === 0 && holds(env) === true ? undefined : missing;
}

function missesOf({ missing }: Near): number {
  return Math.max(1, missing.length);
}

function textOf({ policy: { id, scope }, missing }: Near): string {
  const parts = missing.map((part) => constraintText(part, scope[part]) ?? part);
  return `${parts.length === 0 ? "its conditions" : parts.join(" and ")} (policy "${id}")`;
}
