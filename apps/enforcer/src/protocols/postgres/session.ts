import { AssertionError, type Result } from "@sluice/kernel";
import type { Logger } from "@sluice/telemetry";
import { errorFields } from "@sluice/telemetry";
import type { MaskDemand, PlanCopyMasks, RowMasker, WireField } from "../../masking/contract.ts";
import type { ByteStream } from "../byte-stream.ts";
import type { AdmittedExchange, Denial, Judgement, SessionEnd, SessionGate, SessionMasking } from "../protocol.ts";
import type { CancelOutcome } from "./adapter.ts";
import { Cancelling } from "./cancelling.ts";
import { ClientSide } from "./client-side.ts";
import { MalformedMessage } from "./codec/decode.ts";
import * as encode from "./codec/encode.ts";
import type { FrameReader } from "./codec/frame-reader.ts";
import { BACKEND, FRONTEND, TX } from "./codec/message.ts";
import type { Conversation } from "./conversation.ts";
import { CopyFlow } from "./copy-flow.ts";
import { Limiting } from "./limiting.ts";
import type { SessionLimits } from "./limits.ts";
import { Output } from "./output.ts";
import { Refusals } from "./refusals.ts";
import { fatalFrame, noticeFrame, SQLSTATE } from "./refuse.ts";
import type { SessionCore } from "./session-core.ts";
import { Settling } from "./settling.ts";
import { RunningExchange } from "./state.ts";
import type { UpstreamConnection } from "./upstream.ts";
import { UpstreamSide } from "./upstream-side.ts";
import { UpstreamViolation } from "./violation.ts";

/** Bytes of client messages kept while one is held; beyond it the client's socket waits. */
const HELD_BYTES_MAX = 65_536;
/** Messages whose answers are owed; beyond it the client's socket waits for answers. */
const PENDING_MAX = 10_000;
/** A frame larger than this passes in pieces where nothing in it must be looked at. */
const STREAM_BYTES_MIN = 32_768;

/** Which host went away, and what to do. */
export interface UpstreamGone {
  readonly host: string;
  readonly hint: string;
}

/** An upstream's chunk of this size is part of a large answer. */
const LARGE_CHUNK_BYTES_MIN = 4_096;

/** What a session is made of. */
export interface SessionParts {
  readonly client: ByteStream;
  readonly clientReader: FrameReader;
  readonly upstream: UpstreamConnection;
  readonly talk: Conversation;
  readonly gate: SessionGate;
  readonly masking: SessionMasking;
  readonly limits: SessionLimits;
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

/** One client's session after its handshake: two streams, two pumps, one conversation. */
export class PostgresSession implements SessionCore {
  readonly gate: SessionGate;
  readonly talk: Conversation;
  readonly clientView: SessionCore["clientView"];
  readonly upstreamView: SessionCore["upstreamView"];
  readonly toUpstream: Output;
  readonly toClient: Output;
  readonly copy: CopyFlow;
  readonly settling: Settling;
  readonly limiting: Limiting;
  readonly cancelling: Cancelling;
  lastActiveMs: number;
  readonly #parts: SessionParts;
  readonly #refusals: Refusals;
  readonly #clientSide: ClientSide;
  readonly #upstreamSide: UpstreamSide;
  #stalls = 0;
  /** the client waits because too many answers are owed */
  #crowded = false;
  #dropClientPieces = false;
  #holding: AbortController | undefined;
  #late: Buffer[] = [];
  #ended = false;
  #flushesSoon = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.gate = parts.gate;
    this.talk = parts.talk;
    this.clientView = { talk: parts.talk, reader: parts.clientReader };
    this.upstreamView = { reader: parts.upstream.reader };
    this.toUpstream = new Output(parts.upstream.stream, () => this.#upstreamDrained());
    this.toClient = new Output(parts.client, () => this.#clientDrained());
    this.copy = new CopyFlow(this);
    this.settling = new Settling(this);
    this.limiting = new Limiting(this);
    this.cancelling = new Cancelling(this, () => parts.cancelUpstream());
    this.#refusals = new Refusals(this);
    this.#clientSide = new ClientSide(this, this.#refusals);
    this.#upstreamSide = new UpstreamSide(this);
    this.lastActiveMs = parts.monotonic();
  }

  /** Takes over both streams. */
  run(): void {
    const { client, upstream } = this.#parts;
    client.attach({
      data: (chunk) => this.#fromClient(chunk),
      drain: () => this.#clientDrained(),
      closed: (cause) => this.#clientLost(cause?.message ?? "the client closed the connection"),
    });
    upstream.stream.attach({
      data: (chunk) => this.#fromUpstream(chunk),
      drain: () => this.#upstreamDrained(),
      closed: (cause) => this.#upstreamGone(cause),
    });
    if (this.talk.settingsUnsettled) this.settling.readSettings();
    this.#pumpUpstream();
    this.#pumpClient();
  }

  /** True when the client asked for nothing and waits for nothing. */
  get idle(): boolean {
    return this.talk.pending.size === 0 && this.#stalls === 0;
  }

  /** True while the client does not take what it asked for. */
  get unread(): boolean {
    return this.toClient.blocked;
  }

  /** CancelRequest: withdraws what is held, else cancels what runs, if that is the client's. Resolves when it is settled. */
  async cancel(): Promise<void> {
    if (this.#ended) return;
    if (this.#holding) return this.#holding.abort();
    const { head } = this.talk.pending;
    // our own reading of settings runs alone
    if (head && head.collect === undefined) await this.cancelling.request();
  }

  /** Ends the session from outside. */
  close(end: SessionEnd | { readonly kind: "idle"; readonly reason: string }): void {
    this.fatal(end.kind === "idle" ? SQLSTATE.idleTimeout : SQLSTATE.adminShutdown, `Sluice: ${end.reason}`);
  }

  copyFrame(): Buffer {
    const { reader } = this.clientView;
    return Buffer.from(reader.buffer.subarray(reader.start, reader.end));
  }

  start(judgement: Judgement, admitted: AdmittedExchange): RunningExchange {
    const exchange = new RunningExchange(admitted, judgement);
    this.talk.running.add(exchange);
    this.limiting.time.begin(exchange);
    admitted.durable?.then(
      () => {
        exchange.awaitsDisk = false;
        this.guard(() => this.#pumpUpstream());
      },
      () => this.fatal(SQLSTATE.diskFull, "Sluice: recorder: the record of this statement could not be kept"),
    );
    return exchange;
  }

  stall(): () => void {
    this.#stalls++;
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#unstall();
    };
  }

  stallFor<T>(promise: Promise<T>, then: (value: T) => void): void {
    const resume = this.stall();
    promise.then(
      (value) =>
        this.guard(() => {
          if (!this.#ended) then(value);
          resume();
        }),
      (cause: unknown) => this.bug(cause),
    );
  }

  hold(
    judgement: Judgement & { readonly kind: "ask" },
    parameters: (string | null)[],
    then: (result: Result<{ readonly judgement: Judgement; readonly exchange: AdmittedExchange }, Denial>) => void,
  ): void {
    const controller = new AbortController();
    this.#holding = controller;
    const { policyId, reason } = judgement.ask;
    this.#notify(
      noticeFrame(`Sluice: ${policyId}: ${reason}`, `waiting for approval by ${judgement.workflows.join(", ")}`),
    );
    // answers of the same batch that the server still buffers must not wait with it
    if (this.talk.batchOpen) this.toUpstream.append(encode.flush());
    this.toUpstream.flush();
    const onLink = (url: string) => this.#notify(noticeFrame(`Sluice: approve or refuse it at ${url}`));
    const answer = this.gate.hold(judgement, parameters, this.talk, { onLink, signal: controller.signal });
    this.stallFor(answer, (result) => {
      this.#holding = undefined;
      then(result);
    });
    answer.then(
      (result) => {
        if (this.#ended && result.ok)
          result.value.exchange.finish({ status: "aborted", rows: 0, bytes: 0, maskedCells: {} });
      },
      () => undefined, // reported by stallFor
    );
  }

  toClientNow(bytes: Buffer): void {
    this.toClient.append(bytes);
    this.toClient.flush();
  }

  planRows(fields: readonly WireField[], demand: MaskDemand): RowMasker | "clear" {
    return this.#parts.masking.planRows(fields, demand);
  }

  planCopy(...asked: Parameters<PlanCopyMasks>): ReturnType<PlanCopyMasks> {
    return this.#parts.masking.planCopy(...asked);
  }

  fatal(sqlstate: string, message: string, hint?: string): void {
    if (this.#ended) return;
    this.#parts.log.warn({ sessionId: this.gate.sessionId, sqlstate, reason: message }, "session.ended");
    if (this.talk.running.size > 0) this.#stopUpstream();
    this.#end(message, fatalFrame(sqlstate, message, hint));
  }

  clientGone(reason: string): void {
    if (!this.#ended) this.#end(reason, undefined, this.#isClean());
  }

  /** Nobody waits for the answer any more. What reads is stopped; what writes ends as it would without us. */
  #clientLost(reason: string): void {
    if (this.#ended) return;
    const { running } = this.talk;
    const reads = [...running].every(({ judgement }) => !judgement.strict);
    if (running.size > 0 && reads) this.#stopUpstream();
    this.clientGone(reason);
  }

  /** The server looks for the end of its connection only when it sends: a statement that computes would run on. */
  #stopUpstream(): void {
    if (!this.#parts.upstream.stream.closed) void this.#parts.cancelUpstream();
  }

  /**
   * Nothing is owed, open or half sent, and no cancel was asked for that may still be felt: the upstream's connection is in
   * a state that is known.
   */
  #isClean(): boolean {
    const { talk, toUpstream } = this;
    const { stream } = this.#parts.upstream;
    const settled = talk.txStatus === TX.idle && !talk.beginning && !talk.batchOpen && !talk.copyIn;
    const quiet = talk.pending.size === 0 && talk.running.size === 0 && this.#stalls === 0;
    const flushed = toUpstream.empty && !toUpstream.blocked && stream.backlog === 0 && !stream.closed;
    return settled && quiet && flushed && !this.cancelling.used && this.upstreamView.reader.idle;
  }

  #unstall(): void {
    this.#stalls--;
    if (this.#stalls === 0) this.#pumpClient();
  }

  #fromClient(chunk: Buffer): void {
    if (this.#ended) return;
    this.clientView.reader.push(chunk);
    if (this.#stalls === 0) this.guard(() => this.#pumpClient());
    else if (this.clientView.reader.waiting > HELD_BYTES_MAX) this.#parts.client.pause();
    this.clientView.reader.detach();
    this.toUpstream.detach();
  }

  #fromUpstream(chunk: Buffer): void {
    if (this.#ended) return;
    this.upstreamView.reader.push(chunk);
    this.guard(() => this.#pumpUpstream());
    this.upstreamView.reader.detach();
    this.toClient.detach();
  }

  #pumpClient(): void {
    const { reader } = this.clientView;
    this.lastActiveMs = this.#parts.monotonic();
    const { pending } = this.talk;
    while (
      this.#stalls === 0 &&
      !this.#ended &&
      !this.toUpstream.blocked &&
      pending.size < PENDING_MAX &&
      reader.next()
    )
      this.#clientFrame();
    if (this.#ended) return;
    if (reader.fault)
      return this.fatal(SQLSTATE.protocolViolation, `Sluice: a message whose ${reader.fault.replaceAll("_", " ")}`);
    if (this.#stalls === 0) this.#clientPartial();
    this.toUpstream.flush();
    this.#crowded = pending.size >= PENDING_MAX;
    if (this.toUpstream.blocked || this.#crowded || (this.#stalls > 0 && reader.waiting > HELD_BYTES_MAX))
      this.#parts.client.pause();
    else this.#parts.client.resume();
  }

  #clientFrame(): void {
    const { reader } = this.clientView;
    const { type } = reader;
    if (type === 0) {
      if (this.#dropClientPieces) return;
      this.limiting.countPiece();
      return this.toUpstream.pass(reader);
    }
    const isStatement = type === FRONTEND.query || type === FRONTEND.parse;
    const { statementBytesMax } = this.#parts.limits;
    if (isStatement && reader.end - reader.start > statementBytesMax)
      return this.#refusals.oversized(type, statementBytesMax);
    this.#clientSide.handle();
  }

  /** What can be said of a message before it is whole. */
  #clientPartial(): void {
    const { reader } = this.clientView;
    const partial = reader.partial();
    if (!partial) return;
    const isStatement = partial.type === FRONTEND.query || partial.type === FRONTEND.parse;
    const { statementBytesMax } = this.#parts.limits;
    if (isStatement && partial.length > statementBytesMax) {
      reader.streamRest();
      this.#dropClientPieces = true;
      this.#refusals.oversized(partial.type, statementBytesMax);
    } else if (partial.type === FRONTEND.copyData && partial.length > STREAM_BYTES_MIN) {
      reader.streamRest();
      this.#clientSide.handle();
      this.#dropClientPieces = !this.talk.copyIn;
    }
  }

  #pumpUpstream(): void {
    const { reader } = this.upstreamView;
    let waits = false;
    while (!this.#ended && !this.toClient.blocked) {
      waits = this.talk.pending.head?.exchange?.awaitsDisk ?? false;
      if (waits || !reader.next()) break;
      this.#upstreamSide.handle();
      this.limiting.time.answered();
      if (this.toClient.full) this.toClient.flush();
    }
    if (this.#ended) return;
    if (reader.fault) throw new UpstreamViolation(`a message whose ${reader.fault.replaceAll("_", " ")}`);
    if (!waits && !this.toClient.blocked) this.#streamLarge();
    this.#flushToClient();
    if (this.#late.length > 0 && !reader.streaming) this.#notify(Buffer.concat(this.#late.splice(0)));
    if (waits || this.toClient.blocked) this.#parts.upstream.stream.pause();
    else this.#parts.upstream.stream.resume();
    this.toUpstream.flush();
    if (this.#crowded && this.talk.pending.size <= PENDING_MAX / 2) this.#pumpClient();
  }

  /**
   * An answer goes out at once; of a large one, what comes in the same turn of the event loop goes together: the server
   * sends it in pieces of 8 KB, and a write costs more than they do.
   */
  #flushToClient(): void {
    const { reader } = this.upstreamView;
    const goesOn = reader.type === BACKEND.dataRow || reader.type === BACKEND.copyData;
    if (!goesOn || reader.buffer.length < LARGE_CHUNK_BYTES_MIN || this.toClient.blocked) return this.toClient.flush();
    if (this.#flushesSoon) return;
    this.#flushesSoon = true;
    setImmediate(() => {
      this.#flushesSoon = false;
      if (this.#ended) return;
      this.toClient.flush();
      if (this.toClient.blocked) this.#parts.upstream.stream.pause();
    });
  }

  #streamLarge(): void {
    const { reader } = this.upstreamView;
    const partial = reader.partial();
    if (!partial || partial.length < STREAM_BYTES_MIN || !this.#upstreamSide.mayStream(partial.type)) return;
    reader.streamRest();
    this.#upstreamSide.handle();
  }

  #notify(frame: Buffer): void {
    if (this.#ended) return;
    if (this.upstreamView.reader.streaming) this.#late.push(frame);
    else this.toClientNow(frame);
  }

  #clientDrained(): void {
    if (this.#ended) return;
    this.toClient.blocked = false;
    this.lastActiveMs = this.#parts.monotonic();
    this.guard(() => this.#pumpUpstream());
  }

  #upstreamDrained(): void {
    if (this.#ended) return;
    this.toUpstream.blocked = false;
    this.guard(() => this.#pumpClient());
  }

  #upstreamGone(cause: Error | undefined): void {
    if (this.#ended) return;
    const { hint, host } = this.#parts.upstreamGone();
    const why = cause ? `: ${cause.message}` : "";
    this.fatal(
      SQLSTATE.connectionFailure,
      `Sluice: the upstream database at ${host} closed the connection${why}`,
      hint,
    );
  }

  guard(step: () => void): void {
    try {
      step();
    } catch (cause) {
      this.bug(cause);
    }
  }

  bug(cause: unknown): void {
    if (cause instanceof MalformedMessage)
      return this.fatal(SQLSTATE.protocolViolation, `Sluice: a malformed message: ${cause.message}`);
    if (cause instanceof UpstreamViolation)
      return this.fatal(SQLSTATE.connectionFailure, `Sluice: the upstream broke the protocol: ${cause.message}`);
    const text = cause instanceof AssertionError ? "an internal check failed" : "an internal error";
    this.#parts.log.error({ sessionId: this.gate.sessionId, ...errorFields(cause) }, "session.bug");
    this.fatal("XX000", `Sluice: ${text}; the session ends`);
  }

  #end(reason: string, lastFrame?: Buffer, reusable = false): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#holding?.abort();
    const { client, upstream } = this.#parts;
    // an error inside of a half-sent row would be read as part of it
    if (this.upstreamView.reader.streaming) client.destroy();
    else {
      this.toClient.flushNow();
      client.end(lastFrame);
    }
    if (!reusable) upstream.stream.end(encode.terminate());
    for (const exchange of this.talk.running) this.talk.finish(exchange, "aborted");
    for (const { step } of this.talk.pending) step?.end();
    this.gate.close(reason);
    this.#parts.onEnd(reusable);
  }
}
