import type { Result } from "@sluice/kernel";
import type { CopyMasker, MaskDemand, PlanCopyMasks, RowMasker, WireField } from "../../masking/contract.ts";
import type { AdmittedExchange, Denial, Judgement, SessionGate } from "../protocol.ts";
import type { FrameReader } from "./codec/frame-reader.ts";
import type { Conversation } from "./conversation.ts";
import type { Output } from "./output.ts";
import type { Pending, RunningExchange } from "./state.ts";

/** What both directions of a session may do with each other and with the pipeline. */
export interface SessionCore {
  readonly gate: SessionGate;
  readonly talk: Conversation;
  readonly clientView: { readonly talk: Conversation; readonly reader: FrameReader };
  readonly upstreamView: { readonly reader: FrameReader };
  readonly toUpstream: Output;
  readonly toClient: Output;
  readonly copyMasker: CopyMasker | undefined;

  /** An own copy of the client's current frame, for use after other frames were read. */
  copyFrame(): Buffer;
  /** Opens the run of an admitted exchange. */
  start(judgement: Judgement, admitted: AdmittedExchange): RunningExchange;
  /** Handles no further client message until the promise is kept; then calls back first. */
  stallFor<T>(promise: Promise<T>, then: (value: T) => void): void;
  /** Asks people; no further client message is handled meanwhile. */
  hold(
    judgement: Judgement & { readonly kind: "ask" },
    parameters: (string | null)[],
    then: (result: Result<{ readonly judgement: Judgement; readonly exchange: AdmittedExchange }, Denial>) => void,
  ): void;
  /** Handles no further client message until the upstream asks for COPY data or the statement ends. */
  waitCopy(): void;
  /** Handles no further client message until settings and catalogue are known again. */
  waitSettled(): void;
  /** Sends bytes of our own to the client at once. */
  toClientNow(bytes: Buffer): void;
  planRows(fields: readonly WireField[], demand: MaskDemand): RowMasker | "clear";
  planCopy: PlanCopyMasks;
  copyInStarts(head: Pending): void;
  copyOutStarts(head: Pending): void;
  copyOutEnds(head: Pending): void;
  /** A statement ended: no COPY is under way any more. */
  copyEnds(head: Pending): void;
  /** ReadyForQuery was handled. */
  upstreamReady(head: Pending): void;
  /** Ends the session with an error that the client is told. */
  fatal(sqlstate: string, message: string): void;
  clientGone(reason: string): void;
}
