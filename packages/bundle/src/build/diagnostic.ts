import type { SetName } from "@sluice/policy-engine";
import type { Place } from "./positions.ts";

/** What kind of problem it is; stable, for filters and tests. */
export type DiagnosticCode =
  | "parse_error"
  | "template"
  | "validation_error"
  | "validation_warning"
  | "never_applies"
  | "missing_id"
  | "duplicate_id"
  | "unknown_annotation"
  | "ill_typed_annotation"
  | "misplaced_annotation"
  | "misplaced_effect"
  | "long_literal"
  | "unscoped_policy"
  | "unscoped_over_budget"
  | "unconditional_write"
  | "unconditional_production"
  | "no_obligation"
  | "too_large"
  | "too_deep"
  | "engine_refusal"
  | "self_check";

/** A problem found in one policy, before it is placed in its set's text. Offsets are UTF-16, relative to the policy. */
export interface Finding {
  readonly severity: "error" | "warning";
  readonly code: DiagnosticCode;
  /** one sentence: what is wrong */
  readonly message: string;
  /** what to do about it, where there is something to say */
  readonly suggestion?: string | undefined;
  readonly from: number;
  readonly to: number;
}

/** A problem as an editor shows it: offsets are UTF-16 into the set's text, `to` is exclusive. */
export interface PolicyDiagnostic extends Finding {
  readonly set: SetName;
  readonly policyId?: string | undefined;
  readonly start: Place;
  readonly end: Place;
}
