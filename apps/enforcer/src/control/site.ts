import type { BundleContent, BundleResource } from "@sluice/bundle";
import type { EntitySnapshot, PolicyEngine } from "@sluice/policy-engine";

/** One verified bundle, loaded: immutable, replaced whole. Sessions read `current()` for each exchange. */
export interface LoadedBundle {
  readonly content: BundleContent;
  readonly digest: string;
  readonly engine: PolicyEngine;
  readonly entities: EntitySnapshot;
  /** grants that were revoked since it was built are not among its entities: it is no longer what its digest alone says */
  readonly amended?: true;
}

/** What the data plane asks of the site's state. */
export interface SiteState {
  /** The bundle in force, or why there is none to work with (never enrolled, lease ended, banned). */
  current(): { readonly ok: true; readonly bundle: LoadedBundle } | { readonly ok: false; readonly reason: string };
  resource(id: string): BundleResource | undefined;
  /** Called after each applied bundle. Returns the unsubscribe function. */
  onChange(listener: (bundle: LoadedBundle) => void): () => void;
  /** Called for each revocation; sessions that match end at once. Returns the unsubscribe function. */
  onRevocation(listener: (revocation: SessionRevocation) => void): () => void;
}

/** What ends live sessions. */
export interface SessionRevocation {
  readonly kind: "token" | "principal" | "grant" | "session" | "all";
  readonly value: string;
  readonly reason: string;
}
