import { err, ok, type Result, taggedError } from "@sluice/kernel";
import type { SetName } from "./annotations.ts";
import { BadEst } from "./compile/bad-est.ts";
import { type CompiledPolicy, compileSet } from "./compile/policy.ts";
import type {
  DecisionRequest,
  LoadError,
  LoadPolicies,
  PolicyEngine,
  PolicySets,
  ShadowedVerdict,
} from "./contract.ts";
import { decide } from "./decide.ts";
import { explain } from "./explain.ts";
import { flipOf } from "./impact.ts";
import { PolicyIndex } from "./index/policy-index.ts";
import { whatCan, whoCan } from "./questions.ts";
import { isObject } from "./values/from-json.ts";

/** The Cedar language version this engine implements, as bundles name it. */
export const CEDAR_LANGUAGE = "4.5";

const setNames: readonly SetName[] = ["guardrails", "access", "obligations"];

/**
 * Compiles the three sets of a bundle. Refuses the whole bundle for anything it does not know: a language version, an
 * expression, an annotation, an effect where it has no meaning (guardrails only forbid, obligations are permit-shaped), an
 * `@id` used twice.
 */
export const load: LoadPolicies = (sets) => {
  const compiled = compileAll(sets);
  return compiled.ok ? ok(engineOf(compiled.value)) : compiled;
};

function compileAll(sets: PolicySets): Result<CompiledPolicy[], LoadError> {
  try {
    if (!isObject(sets)) throw new BadEst("policy.bad_est", "the policies are not three sets");
    let policies: CompiledPolicy[] = [];
    for (const set of setNames) policies = policies.concat(compileChecked(sets[set], set, policies.length));
    refuseDuplicates(policies);
    return ok(policies);
  } catch (error) {
    if (error instanceof BadEst) return err(taggedError(error.code, error.message, { retry: "after-change" }));
    throw error;
  }
}

function compileChecked(json: unknown, set: SetName, first: number): CompiledPolicy[] {
  if (isObject(json) && json["language"] !== CEDAR_LANGUAGE) {
    const { language } = json;
    const text = language === undefined ? "name no language" : `are in language ${JSON.stringify(language)}`;
    throw new BadEst("policy.unknown_version", `the ${set} ${text}; this engine reads ${CEDAR_LANGUAGE}`);
  }
  const policies = compileSet(json, set, "registry", first);
  for (const { id, effect } of policies) {
    if (set === "guardrails" && effect === "permit") {
      throw new BadEst("policy.misplaced_effect", `guardrail ${id} permits; guardrails only forbid`);
    }
    if (set === "obligations" && effect === "forbid") {
      throw new BadEst("policy.misplaced_effect", `obligation ${id} forbids; obligations are permit-shaped`);
    }
  }
  return policies;
}

function refuseDuplicates(policies: readonly CompiledPolicy[]): void {
  const ids = new Set<string>();
  for (const { id } of policies) {
    if (ids.has(id)) throw new BadEst("policy.duplicate_id", `two policies have the id ${id}`);
    ids.add(id);
  }
}

function engineOf(policies: readonly CompiledPolicy[]): PolicyEngine {
  const index = new PolicyIndex(policies);
  const engine: PolicyEngine = {
    policyCount: policies.length,
    decide: (request) => decide(index, request),
    explain: (request) => explain(index, policies, request),
    whoCan: (question) => whoCan(index, question),
    whatCan: (question) => whatCan(index, question),
    shadow: (other) => ({ decide: (request) => shadowed(engine, other, request) }),
  };
  return engine;
}

function shadowed(engine: PolicyEngine, candidate: PolicyEngine, request: DecisionRequest): ShadowedVerdict {
  const verdict = engine.decide(request);
  const other = candidate.decide(request);
  return { verdict, other, flip: flipOf(request, verdict, other) };
}
