import { compileExpr } from "../compile/compile-expr.ts";
import type { Env, Evaluate } from "../compile/env.ts";
import type { Expr } from "../compile/expr.ts";
import type { CompiledPolicy } from "../compile/policy.ts";
import { conjunctionOf, conjunctsOf, isFixed } from "./conjuncts.ts";
import { findGuard, type Guard } from "./guards.ts";

/** What is left to ask about a policy whose scope fits. */
export interface Question {
  readonly policy: CompiledPolicy;
  /** what cannot be false; absent when the condition offers nothing that could be told at a glance */
  readonly guard: Guard | undefined;
  /** the condition, or what is left of it once the guard has passed; absent when nothing is left: it is satisfied */
  readonly rest: Evaluate | undefined;
}

interface Known {
  readonly whole: Question;
  /** conjuncts told by principal, action and resource alone */
  readonly fixed: readonly { readonly leads: boolean; readonly evaluate: Evaluate }[];
  open: Question | undefined;
  readonly conjuncts: readonly Expr[];
}

// found once: policies stand in many places of the index
const known = new WeakMap<CompiledPolicy, Known>();

/** Everything that the policy's condition asks. */
export function questionOf(policy: CompiledPolicy): Question {
  return knownOf(policy).whole;
}

/** True when a part of the condition, and its beginning at that, is the same for every request of the same three entities. */
export function canSettle(policy: CompiledPolicy): boolean {
  return knownOf(policy).fixed[0]?.leads === true;
}

/**
 * What is left to ask when principal, action and resource are those of `env`: undefined when the policy cannot be satisfied
 * by any request of theirs, nor fail.
 */
export function settle(policy: CompiledPolicy, env: Env): Question | undefined {
  const { whole, fixed, conjuncts } = knownOf(policy);
  if (fixed.length === 0) return whole;
  for (const { leads, evaluate } of fixed) {
    const value = evaluate(env);
    if (value === true) continue;
    // behind what may fail, or failing itself, it takes the whole condition to say which of the two it is
    return value === false && leads ? undefined : whole;
  }
  return (knownOf(policy).open ??= questionAbout(
    policy,
    conjuncts.filter((conjunct) => !isFixed(conjunct)),
  ));
}

function knownOf(policy: CompiledPolicy): Known {
  let found = known.get(policy);
  if (found === undefined) {
    const conjuncts = [...conjunctsOf(policy.condition)];
    found = { whole: wholeOf(policy, conjuncts), fixed: fixedOf(conjuncts), open: undefined, conjuncts };
    known.set(policy, found);
  }
  return found;
}

function wholeOf(policy: CompiledPolicy, conjuncts: readonly Expr[]): Question {
  const question = questionAbout(policy, conjuncts);
  if (question.guard !== undefined || policy.condition === undefined) return question;
  return { ...question, rest: policy.holds };
}

function questionAbout(policy: CompiledPolicy, conjuncts: readonly Expr[]): Question {
  const guard = findGuard(conjuncts);
  const rest = conjunctionOf(guard === undefined ? conjuncts : guard.rest);
  return { policy, guard, rest: rest && compileExpr(rest) };
}

function fixedOf(conjuncts: readonly Expr[]): Known["fixed"] {
  let leads = true;
  const fixed: { leads: boolean; evaluate: Evaluate }[] = [];
  for (const conjunct of conjuncts) {
    if (isFixed(conjunct)) fixed.push({ leads, evaluate: compileExpr(conjunct) });
    else leads = false;
  }
  return fixed;
}
