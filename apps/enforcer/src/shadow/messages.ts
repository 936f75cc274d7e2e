import type { FlipKind } from "@sluice/policy-engine";
import type { StatementFacts } from "../languages/facts.ts";
import type { Decision, DecisionInput } from "../pipeline/decision.ts";

interface Uid {
  readonly type: string;
  readonly id: string;
}

/** One pair's verdict. */
export type AnsweredPair = Pick<Decision["decisions"][number], "action" | "resource" | "verdict" | "policies">;

/** A decision as far as another one is compared with it. */
export interface Answer extends Pick<Decision, "kind" | "obligations" | "workflows"> {
  readonly decisions: readonly AnsweredPair[];
}

interface Shown {
  /** of its record */
  readonly id: string;
  readonly principal: Uid;
  readonly onBehalfOf: Uid | undefined;
  readonly client: DecisionInput["client"];
  readonly nowMs: number;
  readonly was: Answer;
}

/** One exchange for the candidate. Plain data: it is copied to another thread. */
export interface ShownExchange extends Shown {
  readonly kind: "exchange";
  readonly resourceId: string;
  /** key of a `CatalogueMessage` that was sent before */
  readonly catalogue: number;
  readonly statements: readonly StatementFacts[];
  readonly inTransaction: boolean;
  readonly approval: DecisionInput["approval"];
}

/** One `session.open` for the candidate. */
export interface ShownSession extends Shown {
  readonly kind: "session";
  /** name of the database */
  readonly resource: string;
}

/** What the candidate is asked about. */
export type Shot = ShownExchange | ShownSession;

/** What policies can see of a catalogue: names in rows of three, flat, as that copies fastest. */
export interface CatalogueMessage {
  readonly kind: "catalogue";
  readonly key: number;
  readonly schemas: readonly string[];
  /** schema, name, kind */
  readonly relations: readonly string[];
  /** schema, name, the worst volatility of its overloads */
  readonly functions: readonly string[];
}

/** What the thread starts with. */
export interface CandidateTrust {
  readonly stateDir: string;
  readonly bundleKey: Uint8Array;
  readonly orgId: string;
  readonly siteId: string;
  readonly versionFloor: number;
  readonly nowMs: number;
  /** what the control plane said it would be */
  readonly runId: string;
  readonly digest: string;
  readonly envelope: Uint8Array;
}

/** To the thread, handled in order. */
export type ToCandidate =
  /** the site's bundle with this digest is in force: its data is what is decided with */
  | { readonly kind: "base"; readonly digest: string }
  | CatalogueMessage
  | { readonly kind: "batch"; readonly base: string; readonly shots: readonly Shot[] }
  | { readonly kind: "totals" };

/** From the thread: `ready` or `refused` first, then one answer per batch and per question for totals. */
export type FromCandidate =
  | { readonly kind: "ready"; readonly version: number; readonly expiresAtMs: number }
  | { readonly kind: "refused"; readonly code: string; readonly reason: string }
  | { readonly kind: "done" }
  | { readonly kind: "totals"; readonly totals: CandidateTotals };

/** Exchanges that flip alike. */
export interface FlipGroup {
  readonly kind: FlipKind;
  readonly policies: readonly string[];
  /** Cedar names; the second is empty for whoever acts alone */
  readonly principal: string;
  readonly onBehalfOf: string;
  readonly action: string;
  readonly resource: string;
  readonly count: number;
  /** the first ones */
  readonly exchangeIds: readonly string[];
}

/** All that a candidate did since it was started. */
export interface CandidateTotals {
  readonly decided: number;
  readonly unreplayable: number;
  readonly failed: number;
  readonly flips: number;
  /** flips beyond the groups that are kept apart */
  readonly ungrouped: number;
  readonly groups: readonly FlipGroup[];
  readonly candidateUs: number;
}

/** Before anything was decided. */
export const noTotals: CandidateTotals = {
  decided: 0,
  unreplayable: 0,
  failed: 0,
  flips: 0,
  ungrouped: 0,
  groups: [],
  candidateUs: 0,
};
