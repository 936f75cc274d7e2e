import type { Constraint } from "../compile/scope.ts";
import type { Guard } from "./guards.ts";

/** A guard as the tables write it. */
export function describeGuard(guard: Guard | undefined): string | undefined {
  if (guard === undefined) return undefined;
  return guard.kind === "flag" ? `flag ${guard.wanted} ${guard.path}` : `${guard.kind} ${guard.path}`;
}

/** A constraint as the tables write it; undefined when it asks nothing. */
export function describeNarrowing(constraint: Constraint): string | undefined {
  if (constraint.kind === "within") return `within ${constraint.uids.map(({ text }) => text).join()}`;
  return constraint.kind === "equals" ? `equals ${constraint.uid.text}` : undefined;
}
