import { bodyOf, decodeErrorFields } from "./codec/decode.ts";
import * as encode from "./codec/encode.ts";
import { BACKEND, FRONTEND } from "./codec/message.ts";
import { type CopyRowCounter, copyRowCounter } from "./copy-row-counter.ts";
import { errorFrame, noticeFrame, SQLSTATE } from "./refuse.ts";
import type { SessionCore } from "./session-core.ts";
import type { Pending, RunningExchange } from "./state.ts";
import { TimeLimits } from "./time-limits.ts";

/** Rows beyond a limit are read and dropped up to here; then the upstream is asked to stop, where nothing is lost by it. */
const DROPPED_BYTES_MAX = 262_144;
const FRAME_HEADER_BYTES = 5;
/** PostgreSQL documentation, COPY, "Binary Format": signature, flags, no extension; and the count that ends the tuples. */
const BINARY_HEADER = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
const BINARY_TRAILER = Buffer.from([0xff, 0xff]);

/**
 * Holds answers to their obligations' limits. Rows and bytes cut the answer after its last whole row and say so; what a
 * client copies in is taken whole or not at all. Bytes are those of row messages as they leave.
 */
export class Limiting {
  readonly time: TimeLimits;
  readonly #core: SessionCore;

  constructor(core: SessionCore) {
    this.#core = core;
    this.time = new TimeLimits(core);
  }

  /** Counts a row message that came; false when it must be dropped. */
  takes(head: Pending, exchange: RunningExchange, isMasked: boolean): boolean {
    const limit = exchange.limitAfter(isMasked ? 0 : this.#messageBytes());
    if (limit === undefined) return true;
    this.#cut(exchange, limit);
    exchange.droppedBytes += this.#messageBytes();
    if (exchange.droppedBytes > DROPPED_BYTES_MAX && !exchange.stopped) this.#stop(head, exchange);
    return false;
  }

  /** Of a message that streams in pieces only the first is here: its length says how long it will be. */
  #messageBytes(): number {
    const { buffer, start } = this.#core.upstreamView.reader;
    return buffer.readUInt32BE(start + 1) + 1;
  }

  /** The same for a message of a COPY out: the line of its header and the end mark of its binary form pass, but are no rows. */
  takesCopied(head: Pending, exchange: RunningExchange, isMasked: boolean): "row" | "frame" | undefined {
    const { copy } = exchange.judgement.statements[exchange.statementIndex] ?? {};
    if (copy?.header && !exchange.headerPassed) {
      exchange.headerPassed = true;
      return "frame";
    }
    if (copy?.format === "binary" && this.#endsBinary()) return exchange.cut === 0 ? "frame" : undefined;
    return this.takes(head, exchange, isMasked) ? "row" : undefined;
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
    this.#cut(exchange, "bytes");
  }

  /** The notice and tag of an answer that was cut off, in the place of the upstream's CommandComplete. */
  completion(exchange: RunningExchange, tag: string): void {
    const { toClient } = this.#core;
    this.tellCut(exchange);
    exchange.toldCut = false;
    // of a statement that writes, the count says what it changed, whatever the client is shown of it
    const honest = tag.replace(/^(SELECT|FETCH|COPY) \d+$/, `$1 ${exchange.passed}`);
    toClient.append(encode.frame(BACKEND.commandComplete, Buffer.from(`${honest}\0`, "latin1")));
  }

  /** The notice that an answer is cut off, once: where it ends, or at the end of a portal's page. */
  tellCut(exchange: RunningExchange): void {
    if (exchange.toldCut) return;
    exchange.toldCut = true;
    const text = `Sluice: the answer was cut off after ${exchange.passed} rows: ${limitText(exchange)}`;
    const { command } = exchange.judgement.statements[exchange.statementIndex] ?? {};
    const hint =
      command === "FETCH" ? "the cursor went past the rows that are missing: fetch fewer at once" : undefined;
    this.#core.toClient.append(noticeFrame(text, hint));
  }

  /** What ends a COPY's rows when some were cut: its binary form has an end mark of its own, which was dropped too. */
  copyTrailer(exchange: RunningExchange): void {
    const { copy } = exchange.judgement.statements[exchange.statementIndex] ?? {};
    if (exchange.cut === 0 || copy?.format !== "binary") return;
    // the header came with the first row
    const rest = exchange.passed === 0 ? Buffer.concat([BINARY_HEADER, BINARY_TRAILER]) : BINARY_TRAILER;
    this.#core.toClient.append(encode.frame(BACKEND.copyData, rest));
  }

  /**
   * Counts the client's CopyData or CopyDone that is being handled; false when a limit ended its COPY instead. Nothing of it
   * stays then: half of what was sent would be neither what the client meant nor what it is told.
   */
  takesIn(): boolean {
    const { clientView, copy, talk } = this.#core;
    const { exchange } = talk.pending.head ?? {};
    if (!exchange) return true;
    const { buffer, end, start } = clientView.reader;
    const isData = clientView.reader.type === FRONTEND.copyData;
    const bytes = isData ? buffer.readUInt32BE(start + 1) + 1 : 0;
    if (isData) this.#counterOf(exchange)?.push(buffer, start + FRAME_HEADER_BYTES, end);
    const limit = limitIn(exchange, bytes);
    if (limit === undefined) {
      exchange.bytes += bytes;
      return true;
    }
    exchange.limit = `limit.${limit}: ${limitText(exchange, limit)}`;
    copy.stopIn(exchange, limit === "time" ? TimeLimits.frame(exchange) : copyEnded(exchange, limit));
    return false;
  }

  /** Counts a piece of a CopyData that passes as it comes. */
  countPiece(): void {
    const { buffer, end, start } = this.#core.clientView.reader;
    this.#core.talk.pending.head?.exchange?.copiedIn?.push(buffer, start, end);
  }

  /** Whether the upstream's error is only the end of an answer that was cut off already. */
  endsCut(head: Pending | undefined): boolean {
    return head?.exchange?.stopped === true && this.#isCancelled();
  }

  #cut(exchange: RunningExchange, limit: "rows" | "bytes" | "time"): void {
    exchange.cutBy ??= limit;
    exchange.cut++;
    exchange.limit ??= `limit.${limit}: ${limitText(exchange, limit)}`;
  }

  #counterOf(exchange: RunningExchange): CopyRowCounter | undefined {
    if (exchange.rowsMax === Number.POSITIVE_INFINITY) return undefined;
    const { settings } = this.#core.talk;
    const { copy } = exchange.judgement.statements[exchange.statementIndex] ?? {};
    exchange.copiedIn ??= copyRowCounter(copy, settings.clientEncoding);
    return exchange.copiedIn;
  }

  /**
   * The server sends the end mark alone, or with the header where there is no row. Any other message of that size that ends
   * alike is a row: none begins like the header, which would be 20,551 columns.
   */
  #endsBinary(): boolean {
    const { buffer, end, start } = this.#core.upstreamView.reader;
    const bytes = buffer.readUInt32BE(start + 1) + 1 - FRAME_HEADER_BYTES;
    const alone = bytes === BINARY_TRAILER.length;
    if (!alone && bytes !== BINARY_HEADER.length + BINARY_TRAILER.length) return false;
    // the first piece of a message that streams is not the whole of it
    if (end - start !== bytes + FRAME_HEADER_BYTES || buffer.readInt16BE(end - 2) !== -1) return false;
    return alone || buffer.readUInt16BE(start + FRAME_HEADER_BYTES) === BINARY_HEADER.readUInt16BE(0);
  }

  #isCancelled(): boolean {
    const { reader } = this.#core.upstreamView;
    return decodeErrorFields(bodyOf(reader.buffer, reader.start, reader.end)).C === SQLSTATE.cancelled;
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

function limitIn(exchange: RunningExchange, bytes: number): "rows" | "bytes" | "time" | undefined {
  if (exchange.overdue) return "time";
  if (exchange.bytes + bytes > exchange.bytesMax) return "bytes";
  return exchange.rows + (exchange.copiedIn?.rows ?? 0) > exchange.rowsMax ? "rows" : undefined;
}

function copyEnded(exchange: RunningExchange, limit: "rows" | "bytes"): Buffer {
  const message = `Sluice: limit.${limit}: the COPY was ended and nothing of it kept: ${limitText(exchange, limit)}`;
  return errorFrame(SQLSTATE.programLimit, message, "copy less at once, or ask an admin to raise the limit");
}

function limitText(exchange: RunningExchange, limit = exchange.cutBy): string {
  if (limit === "rows") return `policy allows ${exchange.rowsMax} rows`;
  if (limit === "bytes") return `policy allows ${exchange.bytesMax} bytes`;
  return TimeLimits.reason(exchange);
}
