import type { Constraint } from "../compile/scope.ts";
import type { Guard, GuardTest } from "./guards.ts";

/** A guard as the tables write it. */
export function describeGuard(guard: Guard | undefined): string | undefined {
  if (guard === undefined) return undefined;
  const path = JSON.stringify(guard.path);
  return `${testText(guard.test)} ${path}${guard.rest.length === 0 ? "" : ` and ${guard.rest.length} more`}`;
}

function testText(test: GuardTest): string {
  switch (test.kind) {
    case "flag":
      return `flag ${test.wanted}`;
    case "between":
    case "address":
      return `${test.kind} ${test.low}..${test.high}`;
    case "equals":
    case "member":
    case "other":
      return test.kind;
  }
}

/** A constraint as the tables write it; undefined when it asks nothing. */
export function describeNarrowing(constraint: Constraint): string | undefined {
  if (constraint.kind === "within") return `within ${constraint.uids.map(({ text }) => text).join()}`;
  return constraint.kind === "equals" ? `equals ${constraint.uid.text}` : undefined;
}
