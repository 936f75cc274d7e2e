import { AssertionError, type Result } from "@sluice/kernel";
import { errorFields } from "@sluice/telemetry";
import type { MaskDemand, PlanCopyMasks, RowMasker, WireField } from "../../masking/contract.ts";
import type { AdmittedExchange, Denial, Judgement, SessionEnd, SessionGate } from "../protocol.ts";
import { Cancelling } from "./cancelling.ts";
import { ClientPump } from "./client-pump.ts";
import { MalformedMessage } from "./codec/decode.ts";
import * as encode from "./codec/encode.ts";
import type { Conversation } from "./conversation.ts";
import { CopyFlow } from "./copy-flow.ts";
import { Limiting } from "./limiting.ts";
import { Output } from "./output.ts";
import { Refusals } from "./refusals.ts";
import { fatalFrame, noticeFrame, SQLSTATE } from "./refuse.ts";
import type { SessionCore } from "./session-core.ts";
import type { SessionParts } from "./session-parts.ts";
import { Settling } from "./settling.ts";
import { RunningExchange } from "./state.ts";
import { UpstreamPump } from "./upstream-pump.ts";
import { UpstreamViolation } from "./violation.ts";

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
  readonly #clientPump: ClientPump;
  readonly #upstreamPump: UpstreamPump;
  #stalls = 0;
  #holding: AbortController | undefined;
  ended = false;

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
    this.#clientPump = new ClientPump(this, parts, new Refusals(this));
    this.#upstreamPump = new UpstreamPump(this, parts.upstream.stream, () => this.#clientPump.answered());
    this.lastActiveMs = parts.monotonic();
  }

  /** Takes over both streams. */
  run(): void {
    const { client, upstream } = this.#parts;
    client.attach({
      data: (chunk) => this.ended || this.#clientPump.push(chunk),
      drain: () => this.#clientDrained(),
      closed: (cause) => this.#clientLost(cause?.message ?? "the client closed the connection"),
    });
    upstream.stream.attach({
      data: (chunk) => this.ended || this.#upstreamPump.push(chunk),
      drain: () => this.#upstreamDrained(),
      closed: (cause) => this.#upstreamGone(cause),
    });
    if (this.talk.settingsUnsettled) this.settling.readSettings();
    this.#upstreamPump.run();
    this.#clientPump.run();
  }

  get stalled(): boolean {
    return this.#stalls > 0;
  }

  active(): void {
    this.lastActiveMs = this.#parts.monotonic();
  }

  /** True when the client asked for nothing and waits for nothing. */
  get idle(): boolean {
    return this.talk.pending.size === 0 && this.#stalls === 0;
  }

  /** True while the client does not take what it asked for. */
  get unread(): boolean {
    return this.toClient.blocked;
  }

  /** True while the upstream does not take what was sent to it: the client is not read either, so its end would not be seen. */
  get unsent(): boolean {
    return this.toUpstream.blocked;
  }

  /** CancelRequest: withdraws what is held or still being judged, else cancels what runs, if that is the client's. Resolves when it is settled. */
  async cancel(): Promise<void> {
    if (this.ended) return;
    this.#clientPump.beginNow();
    if (this.#holding) return this.#holding.abort();
    const { batchOpen, pending } = this.talk;
    const { head } = pending;
    if (!head || batchOpen) this.cancelling.whileJudged?.();
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
    const exchange = new RunningExchange(admitted, judgement, this.limiting.time.of(judgement));
    this.talk.running.add(exchange);
    this.limiting.time.begin(exchange);
    admitted.durable?.then(
      () => {
        exchange.awaitsDisk = false;
        this.guard(() => this.#upstreamPump.run());
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
      this.#stalls--;
      if (this.#stalls === 0) this.#clientPump.run();
    };
  }

  stallFor<T>(promise: Promise<T>, then: (value: T) => void): void {
    const resume = this.stall();
    promise.then(
      (value) =>
        this.guard(() => {
          if (!this.ended) then(value);
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
    this.#upstreamPump.tell(
      noticeFrame(`Sluice: ${policyId}: ${reason}`, `waiting for approval by ${judgement.workflows.join(", ")}`),
    );
    // answers of the same batch that the server still buffers must not wait with it
    if (this.talk.batchOpen) this.toUpstream.append(encode.flush());
    this.toUpstream.flush();
    const onLink = (url: string) => this.#upstreamPump.tell(noticeFrame(`Sluice: approve or refuse it at ${url}`));
    const answer = this.gate.hold(judgement, parameters, this.talk, { onLink, signal: controller.signal });
    this.stallFor(answer, (result) => {
      this.#holding = undefined;
      then(result);
    });
    answer.then(
      (result) => {
        if (this.ended && result.ok)
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
    if (this.ended) return;
    this.#parts.log.warn({ sessionId: this.gate.sessionId, sqlstate, reason: message }, "session.ended");
    if (this.talk.running.size > 0) this.#stopUpstream();
    this.#end(message, fatalFrame(sqlstate, message, hint));
  }

  clientGone(reason: string): void {
    if (!this.ended) this.#end(reason, undefined, this.#isClean());
  }

  /** Nobody waits for the answer any more. What reads is stopped; what writes ends as it would without us. */
  #clientLost(reason: string): void {
    if (this.ended) return;
    const { running } = this.talk;
    const reads = running.all().every(({ judgement }) => !judgement.strict);
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
    const quiet = talk.atRest && this.#stalls === 0;
    const flushed = toUpstream.empty && !toUpstream.blocked && stream.backlog === 0 && !stream.closed;
    return quiet && flushed && !this.cancelling.used && this.upstreamView.reader.idle;
  }

  #clientDrained(): void {
    if (this.ended) return;
    this.toClient.blocked = false;
    this.active();
    this.guard(() => this.#upstreamPump.run());
  }

  #upstreamDrained(): void {
    if (this.ended) return;
    this.toUpstream.blocked = false;
    this.guard(() => this.#clientPump.run());
  }

  #upstreamGone(cause: Error | undefined): void {
    if (this.ended) return;
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
    if (this.ended) return;
    this.ended = true;
    this.#clientPump.end();
    this.#holding?.abort();
    const { client, upstream } = this.#parts;
    // an error inside of a half-sent row would be read as part of it
    if (this.upstreamView.reader.streaming) client.destroy();
    else {
      this.toClient.flushNow();
      client.end(lastFrame);
    }
    if (!reusable) upstream.stream.end(encode.terminate());
    for (const exchange of this.talk.running.all()) this.talk.finish(exchange, "aborted");
    for (const { step } of this.talk.pending) step?.end();
    this.gate.close(reason);
    this.#parts.onEnd(reusable);
  }
}
