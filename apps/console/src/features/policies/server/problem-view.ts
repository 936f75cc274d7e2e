import type { PolicyDiagnostic } from "@sluice/bundle/build";
import type { PolicyProblem } from "../schemas.ts";

/** A finding of the check as the editor shows it. */
export function viewProblem(found: PolicyDiagnostic): PolicyProblem {
  return {
    set: found.set,
    policyId: found.policyId ?? null,
    severity: found.severity,
    message: found.message,
    help: found.suggestion ?? null,
    from: found.from,
    to: found.to,
    line: found.start.line,
    column: found.start.column,
  };
}
