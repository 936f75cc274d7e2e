import type { BundleResource } from "@sluice/bundle";
import type { Clock } from "@sluice/kernel";
import type { Approvals } from "../control/approvals.ts";
import type { SiteState } from "../control/site.ts";
import type { ClientIdentity } from "../identity/identity.ts";
import type { Catalogue } from "../languages/facts.ts";
import type { AnalyseSql, DiagnoseSql } from "../languages/language.ts";
import type { ClientFacts, TrustedConnection } from "../protocols/protocol.ts";
import type { Recorder } from "../recorder/recorder.ts";
import type { RateTable } from "./rates.ts";
import type { ShadowTap } from "./shadow-tap.ts";

/** The catalogue of one resource, kept fresh by its owner. */
export interface CatalogueSource {
  /** undefined until the first load succeeded */
  current(): Catalogue | undefined;
  /** Loads again; resolves when a load that began after this call is in use. Rejects when the upstream fails. */
  refresh(): Promise<void>;
}

/** What the pipeline of one resource works with. */
export interface PipelineParts {
  readonly site: SiteState;
  readonly recorder: Recorder;
  readonly approvals: Approvals;
  readonly analyse: AnalyseSql;
  readonly diagnose: DiagnoseSql;
  readonly catalogue: CatalogueSource;
  /** reads it over a connection that is in the middle of a transaction */
  readonly readCatalogue: (query: TrustedConnection["query"]) => Promise<Catalogue>;
  readonly clock: Clock;
  readonly resourceId: string;
  /** of this resource alone */
  readonly rates: RateTable;
  readonly shadow?: ShadowTap | undefined;
}

/** Who a session belongs to. */
export interface SessionOwner {
  readonly sessionId: string;
  readonly identity: ClientIdentity;
  readonly client: ClientFacts;
  readonly resource: BundleResource;
}
