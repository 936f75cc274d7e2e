import type { RowMasker } from "../../masking/contract.ts";
import { bodyOf, decodeDataRow, decodeErrorFields, decodeRowDescription, keptName } from "./codec/decode.ts";
import * as encode from "./codec/encode.ts";
import { BACKEND, TX } from "./codec/message.ts";
import { mayQuoteValues } from "./effects.ts";
import { passNotification } from "./notifications.ts";
import { withoutValues } from "./refuse.ts";
import type { SessionCore } from "./session-core.ts";
import type { Pending, RunningExchange } from "./state.ts";
import { UpstreamViolation } from "./violation.ts";

/**
 * Handles whole upstream messages in order, each against the oldest answer that is owed. A message that does not fit what
 * is owed ends the session: attributing rows to the wrong statement would unmask them.
 */
export class UpstreamSide {
  readonly #core: SessionCore;
  /** whether the pieces of a streamed frame are dropped */
  #dropPieces = false;

  constructor(core: SessionCore) {
    this.#core = core;
  }

  /** Whether the incomplete frame at the front may pass piece by piece. */
  mayStream(type: number): boolean {
    const { copy, talk } = this.#core;
    const { head } = talk.pending;
    if (head?.exchange === undefined || head.collect !== undefined) return false;
    if (type === BACKEND.copyData) return copy.leaving && copy.masker === undefined;
    return type === BACKEND.dataRow && this.#maskerOf(head, head.exchange) === "clear";
  }

  /** Handles the reader's current frame or piece. */
  handle(): void {
    const { reader } = this.#core.upstreamView;
    const { type } = reader;
    if (type === BACKEND.dataRow) return this.#dataRow();
    if (type === 0) return this.#dropPieces ? undefined : this.#pass();
    switch (type) {
      case BACKEND.notice:
        return this.#errorOrNotice(false);
      case BACKEND.error:
        return this.#errorOrNotice(true);
      case BACKEND.notification:
        return passNotification(this.#core);
      case BACKEND.parameterStatus:
        return this.#parameterStatus();
      default:
        return this.#answer(this.#owed(), type);
    }
  }

  #answer(head: Pending, type: number): void {
    if (head.denial && !(head.errored && type === BACKEND.readyForQuery))
      throw new UpstreamViolation("an answer to a refused message");
    switch (type) {
      case BACKEND.parseComplete:
        if (head.prepared) head.prepared.confirmed = true;
        return this.#completes(head, "parse");
      case BACKEND.bindComplete:
        if (head.portal) head.portal.confirmed = true;
        return this.#completes(head, "bind");
      case BACKEND.closeComplete:
        return this.#completes(head, "close");
      case BACKEND.parameterDescription:
        if (head.kind !== "describe") throw new UpstreamViolation("a description nobody asked for");
        return head.hidden ? undefined : this.#pass();
      case BACKEND.noData:
        return this.#completes(head, "describe");
      case BACKEND.rowDescription:
        return this.#rowDescription(head);
      case BACKEND.commandComplete:
      case BACKEND.emptyQuery:
        return this.#commandComplete(head);
      case BACKEND.portalSuspended:
        return this.#suspended(head);
      case BACKEND.readyForQuery:
        return this.#ready(head);
      case BACKEND.copyIn:
        return this.#core.copy.inStarts(head);
      case BACKEND.copyOut:
        return this.#core.copy.outStarts(head);
      case BACKEND.copyData:
        return this.#copyData(head);
      case BACKEND.copyDone:
        return this.#core.copy.outEnds(head);
      default:
        throw new UpstreamViolation(`a message of type ${type}`);
    }
  }

  #owed(): Pending {
    const { head } = this.#core.talk.pending;
    if (!head) throw new UpstreamViolation("an answer that nothing is owed");
    return head;
  }

  #pass(): void {
    this.#core.toClient.pass(this.#core.upstreamView.reader);
  }

  #completes(head: Pending, kind: Pending["kind"]): void {
    if (head.kind !== kind) throw new UpstreamViolation(`an answer for ${kind} where ${head.kind} is owed`);
    this.#core.talk.pending.shift();
    head.step?.end();
    if (!head.hidden) this.#pass();
  }

  #rowDescription(head: Pending): void {
    const { reader } = this.#core.upstreamView;
    const fields = () => decodeRowDescription(bodyOf(reader.buffer, reader.start, reader.end));
    if (head.kind === "describe") {
      if (head.portal?.judgement.masks[0]) head.portal.fields = fields();
      return this.#completes(head, "describe");
    }
    if (head.kind !== "query") throw new UpstreamViolation("a row description nobody asked for");
    if (head.hidden) return;
    const { exchange } = head;
    if (!exchange) throw new UpstreamViolation("rows without an exchange");
    const demand = exchange.demand();
    exchange.setMasker(demand ? this.#core.planRows(fields(), demand) : "clear");
    this.#pass();
  }

  /** How this entry's rows are masked; without a known shape hidden columns cannot pass at all. */
  #maskerOf(head: Pending, exchange: RunningExchange) {
    if (exchange.masker !== undefined) return exchange.masker;
    const demand = exchange.demand();
    if (demand === undefined) return exchange.setMasker("clear");
    const fields = head.portal?.fields;
    if (!fields) throw new UpstreamViolation("rows that must be masked came without a description");
    return exchange.setMasker(this.#core.planRows(fields, demand));
  }

  #dataRow(): void {
    const { reader } = this.#core.upstreamView;
    const head = this.#owed();
    if (head.collect) return head.collect(decodeDataRow(bodyOf(reader.buffer, reader.start, reader.end)));
    const { exchange } = head;
    if (!exchange || head.hidden) throw new UpstreamViolation("a row that nothing is owed");
    const masker = this.#maskerOf(head, exchange);
    // what is owed is the same for all rows that stand together
    do this.#row(head, exchange, masker);
    while (!this.#core.toClient.full && reader.nextIs(BACKEND.dataRow));
  }

  #row(head: Pending, exchange: RunningExchange, masker: RowMasker | "clear"): void {
    const { limiting, toClient } = this.#core;
    const { reader } = this.#core.upstreamView;
    this.#dropPieces = !limiting.takes(head, exchange, masker !== "clear");
    if (this.#dropPieces) return;
    if (masker === "clear") return toClient.pass(reader);
    const before = this.#sentSoFar();
    masker.maskRow(reader.buffer, reader.start, reader.end, toClient);
    limiting.keepMasked(exchange, before);
  }

  /** Masked bytes count as they leave: in the record the upstream's own length would tell how long a hidden value is. */
  #sentSoFar(): number {
    this.#core.toClient.reserve(0);
    return this.#core.toClient.length;
  }

  #copyData(head: Pending): void {
    const { reader } = this.#core.upstreamView;
    const { exchange } = head;
    if (!exchange || !this.#core.copy.leaving) throw new UpstreamViolation("COPY data that nothing is owed");
    const masker = this.#core.copy.masker;
    const taken = this.#core.limiting.takesCopied(head, exchange, masker !== undefined);
    this.#dropPieces = taken === undefined;
    if (this.#dropPieces) return;
    if (!masker) return this.#pass();
    const before = this.#sentSoFar();
    masker.push(reader.buffer, reader.start + 5, reader.end, this.#core.toClient);
    if (taken === "row") this.#core.limiting.keepMasked(exchange, before);
  }

  #commandComplete(head: Pending): void {
    const { talk } = this.#core;
    const { exchange } = head;
    if (head.kind !== "query" && head.kind !== "execute") throw new UpstreamViolation("a completion nobody is owed");
    if (!exchange) {
      if (!head.hidden) throw new UpstreamViolation("a completion without an exchange");
      if (head.kind === "execute") talk.pending.shift();
      return;
    }
    this.#core.copy.statementEnds();
    this.#passTag(exchange);
    this.#statementDone(head, exchange);
  }

  /** More rows may be had, but not of an answer that was cut: its client is told so now, and gets none of them. */
  #suspended(head: Pending): void {
    const { exchange, portal } = head;
    if (head.kind === "execute" && exchange && exchange.cut > 0) this.#core.limiting.tellCut(exchange);
    this.#completes(head, "execute");
    if (exchange && portal) this.#core.talk.suspended(exchange, portal);
  }

  #statementDone(head: Pending, exchange: RunningExchange): void {
    const { talk } = this.#core;
    talk.uncommitted.statement(exchange);
    exchange.nextStatement();
    if (head.kind === "query") return;
    talk.pending.shift();
    exchange.answersOwed--;
    if (head.portal) head.portal.exchange = undefined;
    if (exchange.judgement.strict && talk.uncommitted.keeps(exchange)) exchange.awaitCommit();
    else talk.finish(exchange, "ok");
    this.#core.copy.settle();
  }

  #passTag(exchange: RunningExchange): void {
    const { reader } = this.#core.upstreamView;
    const tag = keptName(reader.buffer, reader.start + 5, reader.end - 1);
    exchange.setTag(tag);
    if (exchange.cut === 0) return this.#pass();
    this.#core.limiting.completion(exchange, tag);
  }

  /** The upstream stopped as it was asked to: the answer ends like any that was cut off. */
  #endCut(head: Pending, exchange: RunningExchange): void {
    const { copy, limiting } = this.#core;
    const tag = copy.endCut(exchange) ? "COPY 0" : "SELECT 0";
    exchange.setTag(tag);
    copy.statementEnds();
    limiting.completion(exchange, tag);
    this.#statementDone(head, exchange);
  }

  #ready(head: Pending): void {
    const { talk } = this.#core;
    const { reader } = this.#core.upstreamView;
    if (head.kind !== "sync" && head.kind !== "query") throw new UpstreamViolation(`ready where ${head.kind} is owed`);
    talk.pending.shift();
    head.step?.end();
    talk.txStatus = reader.buffer[reader.start + 5] ?? TX.failed;
    talk.uncommitted.ready(talk.txStatus, head.kind === "sync");
    if (head.exchange) talk.queryDone(head.exchange);
    if (!head.hidden) this.#pass();
    this.#core.copy.settle();
    this.#core.settling.ready(head);
  }

  #parameterStatus(): void {
    if (this.#core.settling.readsCatalogue) return;
    const { reader } = this.#core.upstreamView;
    const body = bodyOf(reader.buffer, reader.start, reader.end);
    this.#core.talk.noteParameter(body.string(), body.string());
    this.#pass();
  }

  #errorOrNotice(isError: boolean): void {
    const { reader } = this.#core.upstreamView;
    const { talk, toClient } = this.#core;
    const head = talk.pending.head;
    const fields = () => decodeErrorFields(bodyOf(reader.buffer, reader.start, reader.end));
    const hidesValues = head !== undefined && mayQuoteValues(head);
    if (!isError) {
      if (head?.hidden || head?.denial) return;
      if (hidesValues) toClient.append(encode.noticeResponse(withoutValues(fields())));
      else this.#pass();
      return;
    }
    if (head?.exchange && this.#core.limiting.endsCut(head)) return this.#endCut(head, head.exchange);
    const limited = head?.exchange?.copyEnded ?? this.#core.limiting.time.error(head, () => fields().C);
    if (head?.denial) toClient.append(head.denial);
    else if (limited) toClient.append(limited);
    else if (head?.hidden && head.kind === "query") {
      // our own reading of settings failed; what follows is judged as in an unknown state
    } else if (hidesValues) toClient.append(encode.errorResponse(withoutValues(fields())));
    else this.#pass();
    if (head) this.#failed(head, fields().C ?? "XX000");
  }

  /** In a batch the upstream now skips to Sync: so does everything that was assumed of what it skips. */
  #failed(head: Pending, code: string): void {
    const { talk } = this.#core;
    this.#core.copy.statementEnds();
    head.errored = true;
    // of a portal whose Bind or Describe failed, what was to execute it
    const failed = head.exchange ?? head.portal?.exchange;
    if (failed) failed.error = code;
    talk.uncommitted.failed(head.kind === "sync", head.denial ? undefined : code);
    if (head.kind === "query" || head.kind === "sync") return;
    talk.skip(talk.pending.takeUntilSync(), failed);
    if (talk.pending.size === 0) {
      talk.skipToSync = true;
      this.#core.settling.skipped();
    }
    this.#core.copy.settle();
  }
}
