import type { CopyMasker } from "../../masking/contract.ts";
import { bodyOf } from "./codec/decode.ts";
import * as encode from "./codec/encode.ts";
import { BACKEND } from "./codec/message.ts";
import type { SessionCore } from "./session-core.ts";
import type { Pending, RunningExchange } from "./state.ts";
import { UpstreamViolation } from "./violation.ts";

/** COPY both ways: what the upstream announces must be what was judged, and rows that leave are masked. */
export class CopyFlow {
  readonly #core: SessionCore;
  #masker: CopyMasker | undefined;
  #leaving = false;
  #resume: (() => void) | undefined;
  #waitsFor: RunningExchange | undefined;

  constructor(core: SessionCore) {
    this.#core = core;
  }

  /** Hides values of a COPY out under way. */
  get masker(): CopyMasker | undefined {
    return this.#masker;
  }

  /** Rows of a COPY out are on their way. */
  get leaving(): boolean {
    return this.#leaving;
  }

  /** Handles no further client message until the upstream asks for data or this exchange ends. */
  wait(exchange: RunningExchange): void {
    this.#waitsFor = exchange;
    this.#resume ??= this.#core.stall();
    // in a batch the server would not tell before Sync that the statement ended without COPY
    if (this.#core.talk.batchOpen) this.#core.toUpstream.append(encode.flush());
  }

  /** CopyInResponse. */
  inStarts(head: Pending): void {
    if (!head.exchange || !head.exchange.effects.copyIn)
      throw new UpstreamViolation("COPY FROM STDIN that was not judged");
    this.#core.talk.copyIn = true;
    this.#core.toClient.pass(this.#core.upstreamView.reader);
    this.#endWait();
  }

  /** CopyOutResponse. */
  outStarts(head: Pending): void {
    const { exchange } = head;
    if (!exchange || this.#leaving) throw new UpstreamViolation("COPY TO STDOUT that was not judged");
    this.#leaving = true;
    const demand = exchange.demand();
    const { reader } = this.#core.upstreamView;
    if (demand) {
      const body = bodyOf(reader.buffer, reader.start, reader.end);
      const binary = body.uint8() === 1;
      const copy = exchange.judgement.statements[exchange.statementIndex]?.copy;
      if (!copy || binary !== (copy.format === "binary"))
        throw new UpstreamViolation("a COPY in another form than was judged");
      const { clientEncoding } = this.#core.talk.settings;
      const shape = { format: copy.format, columns: body.int16(), clientEncoding };
      const plan = this.#core.planCopy(exchange.judgement.text, shape, demand);
      if (plan !== "clear" && "refuse" in plan)
        throw new UpstreamViolation(`a COPY that cannot be masked: ${plan.refuse}`);
      this.#masker = plan === "clear" ? undefined : plan;
    }
    this.#core.toClient.pass(reader);
  }

  /** Ends a COPY from the client, whose statement then fails with this error. False when it is not the one under way. */
  stopIn(exchange: RunningExchange, error: Buffer): boolean {
    const { talk, toUpstream } = this.#core;
    const { head } = talk.pending;
    if (!talk.copyIn || head?.exchange !== exchange) return false;
    talk.copyIn = false;
    exchange.copyEnded = error;
    toUpstream.append(encode.copyFail("ended by Sluice"));
    toUpstream.flush();
    if (head.kind === "query") this.wait(exchange);
    return true;
  }

  /** CopyDone from the upstream. */
  outEnds(head: Pending): void {
    if (!head.exchange || !this.#leaving) throw new UpstreamViolation("the end of a COPY that did not begin");
    this.#lastRows(head.exchange);
    this.#core.toClient.pass(this.#core.upstreamView.reader);
  }

  /** Ends the rows of a COPY out that was cut off and stopped; false when there is none. */
  endCut(exchange: RunningExchange): boolean {
    if (!this.#leaving) return false;
    this.#lastRows(exchange);
    this.#core.toClient.append(encode.frame(BACKEND.copyDone, Buffer.alloc(0)));
    return true;
  }

  #lastRows(exchange: RunningExchange): void {
    if (this.#masker) {
      this.#masker.end(this.#core.toClient);
      exchange.addMasked(this.#masker.maskedCells);
    }
    this.#masker = undefined;
    this.#leaving = false;
    this.#core.limiting.copyTrailer(exchange);
  }

  /** A statement ended, well or not. */
  statementEnds(): void {
    this.#core.talk.copyIn = false;
    this.#masker = undefined;
    this.#leaving = false;
  }

  /**
   * An answer ended. If it was the awaited exchange's last, the client's messages are handled again: a text of several
   * statements may begin another COPY, and answers to what was sent before it say nothing of it.
   */
  settle(): void {
    const awaited = this.#waitsFor;
    if (awaited && (awaited.answered || !this.#core.talk.running.has(awaited))) this.#endWait();
  }

  #endWait(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    this.#waitsFor = undefined;
    resume?.();
  }
}
