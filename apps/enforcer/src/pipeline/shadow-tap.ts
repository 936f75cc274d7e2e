import type { DecisionRequest, Verdict } from "@sluice/policy-engine";
import type { LoadedBundle } from "../control/site.ts";
import type { Decision, DecisionInput } from "./decision.ts";

/** A decision with all that it was made of, as somebody else may make it again. */
export interface ShadowSample {
  readonly input: DecisionInput;
  readonly decision: Decision;
}

/** The decision on `session.open`, likewise. */
export interface ShadowSession {
  readonly bundle: LoadedBundle;
  readonly request: Pick<DecisionRequest, "principal" | "onBehalfOf" | "resource">;
  readonly client: DecisionInput["client"];
  readonly nowMs: number;
  readonly verdict: Verdict;
}

/**
 * Where the pipeline shows what it decided, after it is recorded. Whatever listens changes no answer: both calls return at
 * once, never throw, and do nothing while no candidate runs.
 */
export interface ShadowTap {
  /** `sample` is absent when the exchange was refused before policies were asked. */
  exchange(recorded: { readonly id: string }, sample: ShadowSample | undefined): void;
  session(exchangeId: string, session: ShadowSession): void;
}
