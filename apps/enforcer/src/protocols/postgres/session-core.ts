import type { Result } from "@sluice/kernel";
import type { MaskDemand, PlanCopyMasks, RowMasker, WireField } from "../../masking/contract.ts";
import type { AdmittedExchange, Denial, Judgement, SessionGate } from "../protocol.ts";
import type { Cancelling } from "./cancelling.ts";
import type { FrameReader } from "./codec/frame-reader.ts";
import type { Conversation } from "./conversation.ts";
import type { CopyFlow } from "./copy-flow.ts";
import type { Limiting } from "./limiting.ts";
import type { Output } from "./output.ts";
import type { Settling } from "./settling.ts";
import type { RunningExchange } from "./state.ts";

/** What both directions of a session may do with each other and with the pipeline. */
export interface SessionCore {
  readonly gate: SessionGate;
  readonly talk: Conversation;
  readonly clientView: { readonly talk: Conversation; readonly reader: FrameReader };
  readonly upstreamView: { readonly reader: FrameReader };
  readonly toUpstream: Output;
  readonly toClient: Output;
  readonly copy: CopyFlow;
  readonly settling: Settling;
  readonly limiting: Limiting;
  readonly cancelling: Cancelling;

  /** Nothing more is handled. */
  readonly ended: boolean;
  /** No client message is handled now. */
  readonly stalled: boolean;

  /** The client did something. */
  active(): void;
  /** An own copy of the client's current frame, for use after other frames were read. */
  copyFrame(): Buffer;
  /** Opens the run of an admitted exchange. */
  start(judgement: Judgement, admitted: AdmittedExchange): RunningExchange;
  /** Handles no further client message until the returned function is called, once. */
  stall(): () => void;
  /** Runs a step that comes from outside of the pumps; what it throws ends the session. */
  guard(step: () => void): void;
  /** Ends the session with the cause in the log: the peer's fault named to the client, our own as an internal error. */
  bug(cause: unknown): void;
  /** Handles no further client message until the promise is kept; then calls back first. */
  stallFor<T>(promise: Promise<T>, then: (value: T) => void): void;
  /** Asks people; no further client message is handled meanwhile. */
  hold(
    judgement: Judgement & { readonly kind: "ask" },
    parameters: (string | null)[],
    then: (result: Result<{ readonly judgement: Judgement; readonly exchange: AdmittedExchange }, Denial>) => void,
  ): void;
  /** Sends bytes of our own to the client at once. */
  toClientNow(bytes: Buffer): void;
  planRows(fields: readonly WireField[], demand: MaskDemand): RowMasker | "clear";
  planCopy: PlanCopyMasks;
  /** Ends the session with an error that the client is told. */
  fatal(sqlstate: string, message: string, hint?: string): void;
  clientGone(reason: string): void;
}
