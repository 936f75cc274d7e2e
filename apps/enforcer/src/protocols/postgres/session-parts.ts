import type { Logger } from "@sluice/telemetry";
import type { ByteStream } from "../byte-stream.ts";
import type { SessionGate, SessionMasking } from "../protocol.ts";
import type { Turns } from "../turns.ts";
import type { CancelOutcome } from "./adapter.ts";
import type { FrameReader } from "./codec/frame-reader.ts";
import type { Conversation } from "./conversation.ts";
import type { SessionLimits } from "./limits.ts";
import type { UpstreamConnection } from "./upstream.ts";

/** Which host went away, and what to do. */
export interface UpstreamGone {
  readonly host: string;
  readonly hint: string;
}

/** What a session is made of. */
export interface SessionParts {
  readonly client: ByteStream;
  readonly clientReader: FrameReader;
  readonly upstream: UpstreamConnection;
  readonly talk: Conversation;
  readonly gate: SessionGate;
  readonly masking: SessionMasking;
  readonly limits: SessionLimits;
  /** whose turn it is where many sessions ask without a pause */
  readonly turns: Turns;
  readonly log: Logger;
  /** milliseconds, never goes back */
  readonly monotonic: () => number;
  /** asks the upstream to cancel what this connection runs; never rejects */
  readonly cancelUpstream: () => Promise<CancelOutcome>;
  /** the upstream ended the connection by itself; what the client is told of it */
  readonly upstreamGone: () => UpstreamGone;
  /** whether the upstream's connection is as it was after a statement outside of a transaction; else it was ended */
  readonly onEnd: (reusable: boolean) => void;
}
