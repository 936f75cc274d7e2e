import type { BundleResource } from "@sluice/bundle";
import type { LedgerRecord } from "@sluice/ledger";
import type { ObligationKind, Obligations } from "@sluice/policy-engine";
import type { LoadedBundle } from "../control/site.ts";
import type { ClientIdentity } from "../identity/identity.ts";
import type { Catalogue, FactObject, StatementFacts } from "../languages/facts.ts";
import type { MaskDemand } from "../masking/contract.ts";
import type { ClientFacts, Denial } from "../protocols/protocol.ts";
import type { ApprovalFact } from "./context.ts";

/** The obligations that this pipeline can carry out; any other denies. */
export const UNDERSTOOD: ReadonlySet<ObligationKind> = new Set([
  "mask",
  "limit_rows",
  "limit_bytes",
  "limit_time",
  "limit_rate",
  "record",
  "strict",
  "notify",
  "require_approval",
]);

/** What one request is decided with. */
export interface DecisionInput {
  readonly bundle: LoadedBundle;
  readonly catalogue: Catalogue;
  readonly resource: BundleResource;
  readonly identity: ClientIdentity;
  readonly client: ClientFacts;
  readonly statements: readonly StatementFacts[];
  readonly inTransaction: boolean;
  readonly nowMs: number;
  readonly approval?: ApprovalFact | undefined;
}

/** One answer as it stands on the record. */
export type Decided = LedgerRecord["decisions"][number];

/** The decision on one request: the strictest of all its pairs, with everything that an allow owes. */
export interface Decision {
  readonly kind: "allow" | "ask" | "deny";
  readonly denial: Denial | undefined;
  /** what the denial is about, where it is one object of one statement */
  readonly refused: { readonly statement: number; readonly object: FactObject } | undefined;
  readonly workflows: readonly string[];
  readonly obligations: Obligations;
  readonly masks: readonly (MaskDemand | undefined)[];
  readonly readsHidden: boolean;
  readonly errorsMayLeak: boolean;
  /** for the record, one per pair and per unmask question */
  readonly decisions: readonly Decided[];
  readonly classes: readonly string[];
  /** the first moment at which a grant that it was made with no longer holds; Infinity without any */
  readonly grantsEndMs: number;
}
