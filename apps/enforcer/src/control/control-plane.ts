import type { Clock, Result, Secret, TaggedError } from "@sluice/kernel";
import type { VerifyAccessToken } from "../identity/identity.ts";
import type { Catalogue } from "../languages/facts.ts";
import type { ShadowTap } from "../pipeline/shadow-tap.ts";
import type { Recorder } from "../recorder/recorder.ts";
import type { Approvals } from "./approvals.ts";
import type { SiteState } from "./site.ts";

/** What the composition root knows when it starts; read from the environment by `env.ts`. */
export interface ControlOptions {
  /** host:port of the control plane's gRPC server */
  readonly address: string;
  /** PEM of the CA that signs the control plane's server certificate */
  readonly serverCaPem: string;
  /** directory of key, certificate, bundle and spool: made with mode 700 when missing, used by one process at a time */
  readonly stateDir: string;
  /** one-time token, needed on the first start only */
  readonly enrolToken?: Secret<string> | undefined;
  /** how long an unreachable control plane is tried on the first start; default two minutes */
  readonly enrolPatienceMs?: number;
  /** the spool refuses new records beyond this; at least 16 MiB */
  readonly spoolBytesMax: number;
  /** of this program, for the console */
  readonly version: string;
  readonly hostname: string;
  readonly clock: Clock;
}

/** What a heartbeat tells the console. Called every few seconds; must be cheap. */
export interface EnforcerGauges {
  readonly sessions: number;
  /** decided since the start */
  readonly decisions: number;
}

/** Where one resource can be reached, once its listener is open. */
export interface OpenListener {
  readonly resourceId: string;
  readonly kind: string;
  /** host:port as clients reach it */
  readonly address: string;
}

/** Everything the data plane needs of its site: state, approvals, recorder and proof of clients. */
export interface ControlPlane {
  readonly orgId: string;
  readonly siteId: string;
  readonly enforcerId: string;
  readonly site: SiteState;
  readonly approvals: Approvals;
  readonly recorder: Recorder;
  /** where the pipeline shows its decisions to a candidate that runs beside it */
  readonly shadow: ShadowTap;
  readonly verifyAccessToken: VerifyAccessToken;
  /** Sent when connected; the newest of each resource is kept and sent again after a reconnect. */
  reportCatalogue(resourceId: string, catalogue: Catalogue): void;
  /** Replaces the list; sent with each hello and again when it changes. */
  reportListeners(listeners: readonly OpenListener[]): void;
  /** The source of the heartbeat's numbers; zeros until set. */
  reportGauges(read: () => EnforcerGauges): void;
  /** Ends the stream, writes what is open to disk and releases the state directory. Idempotent. */
  close(): Promise<void>;
}

/** Why the enforcer cannot start at all. An unreachable control plane is none: it works from its last good bundle. */
export type ControlError = TaggedError<
  | "control.not_enrolled"
  | "control.enrol_refused"
  | "control.enrol_unreachable"
  | "control.state_dir"
  | "control.state_dir_in_use"
  | "control.spool"
>;

/**
 * Starts everything towards the control plane: enrols on the first start (waits for it, at most two minutes), opens the
 * spool, loads and checks the last good bundle, then connects in the background. `connectControl` in `connect.ts`.
 */
export type ConnectControl = (options: ControlOptions) => Promise<Result<ControlPlane, ControlError>>;
