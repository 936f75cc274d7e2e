import { bodyOf, decodeErrorFields } from "./codec/decode.ts";
import * as encode from "./codec/encode.ts";
import { BACKEND, FRONTEND } from "./codec/message.ts";
import { errorFrame, noticeFrame, SQLSTATE } from "./refuse.ts";
import type { SessionCore } from "./session-core.ts";
import type { Pending, RunningExchange } from "./state.ts";

/** Rows beyond a limit are read and dropped up to here; then the upstream is asked to stop, where nothing is lost by it. */
const DROPPED_BYTES_MAX = 262_144;
/** An upstream that goes on after its time is asked again this often, and so many times. */
const ASK_AGAIN_MS = 1_000;
const ASKS_MAX = 5;
const TIMER_MS_MAX = 2 ** 31 - 1;
/** Client messages that make the upstream run something; planning and reading parameters can take long as well. */
const RUNS: ReadonlySet<number> = new Set([FRONTEND.query, FRONTEND.parse, FRONTEND.bind, FRONTEND.execute]);
const BINARY_TRAILER = Buffer.from([0xff, 0xff]);

/**
 * Holds answers to their obligations' limits. Rows and bytes cut the answer after its last whole row and say so; time ends
 * the statement with 57014. Bytes are those of row messages as they leave.
 */
export class Limiting {
  readonly #core: SessionCore;
  readonly #overdue = new Set<RunningExchange>();
  /** exchanges with a limit of time that may be running */
  readonly #timed = new Set<RunningExchange>();
  #resume: (() => void) | undefined;
  /** the exchange whose time the upstream was last asked to end */
  #asked: RunningExchange | undefined;

  constructor(core: SessionCore) {
    this.#core = core;
  }

  /** Starts the time of an exchange that begins. */
  begin(exchange: RunningExchange): void {
    if (exchange.timeMsMax === undefined) return;
    this.#timed.add(exchange);
    const overdue = () => {
      exchange.overdue = true;
      this.#overdue.add(exchange);
      this.#stopOverdue();
    };
    exchange.arm(() => this.#core.guard(overdue), Math.min(exchange.timeMsMax, TIMER_MS_MAX));
  }

  /** A message of the upstream was handled. */
  answered(): void {
    this.#stopOverdue();
    if (!this.#resume || this.#timedRuns()) return;
    const resume = this.#resume;
    this.#resume = undefined;
    resume();
  }

  /**
   * Whether a client's message that makes the upstream run something must wait, because what runs may have to be stopped
   * for its time: a CancelRequest would hit whatever came after it. It stays in line until that has answered.
   */
  holdsBack(type: number): boolean {
    if (this.#timed.size === 0 || !RUNS.has(type) || !this.#timedRuns()) return false;
    const { clientView, talk, toUpstream } = this.#core;
    clientView.reader.unread();
    this.#resume ??= this.#core.stall();
    // in a batch the server may keep the answer to itself until Sync
    if (talk.batchOpen) toUpstream.append(encode.flush());
    return true;
  }

  #timedRuns(): boolean {
    const { pending, running } = this.#core.talk;
    for (const exchange of this.#timed) if (!running.has(exchange)) this.#timed.delete(exchange);
    if (this.#timed.size === 0) return false;
    for (const { exchange } of pending) if (exchange && this.#timed.has(exchange)) return true;
    return false;
  }

  /** Asks the upstream to stop what it runs now, if its time is over. One that waits behind another is asked in its turn. */
  #stopOverdue(): void {
    if (this.#overdue.size === 0) return;
    for (const exchange of this.#overdue) if (!this.#core.talk.running.has(exchange)) this.#overdue.delete(exchange);
    const exchange = this.#overdueNow();
    if (exchange && exchange.asks === 0) this.#ask(exchange);
  }

  /** Counts a row message that came; false when it must be dropped. */
  takes(head: Pending, exchange: RunningExchange, isMasked: boolean): boolean {
    const { buffer, start } = this.#core.upstreamView.reader;
    // of a message that streams in pieces only the first is here: its length says how long it will be
    const bytes = buffer.readUInt32BE(start + 1) + 1;
    const limit = exchange.limitAfter(isMasked ? 0 : bytes);
    if (limit === undefined) return true;
    exchange.cutBy ??= limit;
    exchange.cut++;
    exchange.droppedBytes += bytes;
    if (exchange.droppedBytes > DROPPED_BYTES_MAX && !exchange.stopped) this.#stop(head, exchange);
    return false;
  }

  /** Counts what a masked row became after `before`, or takes it back: its length alone may tell, never the hidden value's. */
  keepMasked(exchange: RunningExchange, before: number): void {
    const { toClient } = this.#core;
    const bytes = toClient.length - before;
    if (exchange.bytes + bytes <= exchange.bytesMax) {
      exchange.bytes += bytes;
      return;
    }
    toClient.length = before;
    exchange.rows--;
    exchange.passed--;
    exchange.cut++;
    exchange.cutBy = "bytes";
  }

  /** The notice and tag of an answer that was cut off, in the place of the upstream's CommandComplete. */
  completion(exchange: RunningExchange, tag: string): void {
    const { toClient } = this.#core;
    this.tellCut(exchange);
    exchange.toldCut = false;
    const rows = rowsOf(exchange);
    // of a statement that writes, the count says what it changed, whatever the client is shown of it
    const honest = tag.replace(/^(SELECT|FETCH|COPY) \d+$/, `$1 ${rows}`);
    toClient.append(encode.frame(BACKEND.commandComplete, Buffer.from(`${honest}\0`, "latin1")));
  }

  /** The notice that an answer is cut off, once: where it ends, or at the end of a portal's page. */
  tellCut(exchange: RunningExchange): void {
    if (exchange.toldCut) return;
    exchange.toldCut = true;
    const text = `Sluice: the answer was cut off after ${rowsOf(exchange)} rows: ${limitText(exchange)}`;
    this.#core.toClient.append(noticeFrame(text));
  }

  /** What ends a COPY's rows when some were cut: its binary form has an end mark of its own, which was dropped too. */
  copyTrailer(exchange: RunningExchange): void {
    const { copy } = exchange.judgement.statements[exchange.statementIndex] ?? {};
    if (exchange.cut > 0 && copy?.format === "binary")
      this.#core.toClient.append(encode.frame(BACKEND.copyData, BINARY_TRAILER));
  }

  /** The error that the client is told in the place of the upstream's, when the upstream was stopped for its time. */
  timeError(head: Pending | undefined): Buffer | undefined {
    const exchange = this.#asked;
    const isBatch = exchange !== undefined && this.#core.talk.running.has(exchange);
    if (!head || !isBatch || !this.#isCancelled()) return undefined;
    const message = `Sluice: limit.time: the statement was stopped: ${limitText(exchange, "time")}`;
    return errorFrame(SQLSTATE.cancelled, message, "ask for less at once, or ask an admin to raise the limit");
  }

  /** Whether the upstream's error is only the end of an answer that was cut off already. */
  endsCut(head: Pending | undefined): boolean {
    return head?.exchange?.stopped === true && this.#isCancelled();
  }

  /**
   * One whose time is over in what the upstream works on: a Query, or a batch up to its Sync. The server may keep answers
   * of a batch to itself until then, so which of its statements runs cannot be told; the batch fails as a whole anyway.
   */
  #overdueNow(): RunningExchange | undefined {
    for (const { exchange, kind } of this.#core.talk.pending) {
      if (exchange?.overdue && exchange.started) return exchange;
      if (kind === "sync" || kind === "query") return undefined;
    }
    return undefined;
  }

  #isCancelled(): boolean {
    const { reader } = this.#core.upstreamView;
    return decodeErrorFields(bodyOf(reader.buffer, reader.start, reader.end)).C === SQLSTATE.cancelled;
  }

  #ask(exchange: RunningExchange): void {
    if (exchange.asks >= ASKS_MAX)
      return this.#core.fatal(
        SQLSTATE.cancelled,
        `Sluice: limit.time: it did not stop: ${limitText(exchange, "time")}`,
      );
    exchange.asks++;
    this.#asked = exchange;
    void this.#core.cancelling.request();
    const again = () => {
      if (this.#overdueNow() === exchange) this.#ask(exchange);
      else exchange.asks = 0;
    };
    exchange.arm(() => this.#core.guard(again), ASK_AGAIN_MS);
  }

  /** A cancelled statement rolls back: only a lone read may be, so that "cut off" stays the whole truth. */
  #stop(head: Pending, exchange: RunningExchange): void {
    const { talk } = this.#core;
    const [facts, ...more] = exchange.judgement.statements;
    const reads = facts?.accesses.every(({ action }) => action.startsWith("sql.read.")) && !facts.changesSession;
    if (!reads || more.length > 0 || exchange.judgement.strict || talk.inTransaction || !exchange.alone) return;
    const [, next, ...others] = talk.pending;
    const last = head.kind === "query" ? next === undefined : next?.kind === "sync" && others.length === 0;
    if (!last) return;
    exchange.stopped = true;
    void this.#core.cancelling.request();
  }
}

/** Rows that the client was given of the current statement. */
function rowsOf(exchange: RunningExchange): number {
  const { copy } = exchange.judgement.statements[exchange.statementIndex] ?? {};
  return Math.max(0, exchange.passed - (copy?.header ? 1 : 0));
}

function limitText({ bytesMax, cutBy, rowsMax, timeMsMax }: RunningExchange, limit = cutBy): string {
  if (limit === "rows") return `policy allows ${rowsMax} rows`;
  if (limit === "bytes") return `policy allows ${bytesMax} bytes`;
  return `policy sets a time limit of ${timeMsMax} ms`;
}
