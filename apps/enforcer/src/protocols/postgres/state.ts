import { assert } from "@sluice/kernel";
import type { SqlSessionSettings } from "../../languages/facts.ts";
import type { MaskDemand, RowMasker, WireField } from "../../masking/contract.ts";
import type { AdmittedExchange, Judgement } from "../protocol.ts";
import type { CopyRowCounter } from "./copy-row-counter.ts";
import { effectsOf, type SessionEffects } from "./effects.ts";
import type { Timed, TimedStep } from "./timed-step.ts";
import { UpstreamViolation } from "./violation.ts";

/** A prepared statement as the client knows it and as it was judged. */
export interface Prepared {
  readonly name: string;
  readonly text: string;
  readonly parameterTypes: readonly number[];
  judgement: Judgement;
  /** something ran since that could have put another statement under this name: it is prepared again before use */
  suspect: boolean;
  /** the upstream said that it has it; before, only messages up to the same Sync are sure to mean this one */
  confirmed: boolean;
  /** `Conversation.batch` in which it was sent */
  batch: number;
}

/** A bound portal: one execution. */
export interface Portal {
  readonly name: string;
  /** as in Prepared */
  confirmed: boolean;
  readonly batch: number;
  judgement: Judgement;
  readonly text: string;
  /** the session's settings when it was bound: its names mean what they meant then */
  readonly settings: SqlSessionSettings;
  /** set by the upstream's answer to a Describe of this portal */
  fields: readonly WireField[] | undefined;
  /** a Describe of this portal is on its way or answered */
  described: boolean;
  /** the exchange that Execute opened, or that an approval opened already at Bind */
  exchange: RunningExchange | undefined;
}

/** Whether the upstream may have skipped it, so that the name still means what it meant before. */
export function maybeSkipped(named: { readonly confirmed: boolean; readonly batch: number }, batch: number): boolean {
  return !named.confirmed && named.batch !== batch;
}

/** One admitted exchange while its answer streams. */
export class RunningExchange implements Timed {
  readonly admitted: AdmittedExchange;
  readonly judgement: Judgement;
  readonly effects: SessionEffects;
  readonly rowsMax: number;
  readonly bytesMax: number;
  readonly timeMsMax: number | undefined;
  rows = 0;
  /** rows that statements changed or copied in without returning them */
  #changed = 0;
  #rowsBefore = 0;
  bytes = 0;
  /** rows of the current statement that the client was given */
  passed = 0;
  /** the line of a COPY's header was passed: it is no row */
  headerPassed = false;
  /** rows of the current statement beyond a limit, dropped */
  cut = 0;
  droppedBytes = 0;
  /** the client knows that it is cut */
  toldCut = false;
  /** the limit that cut the answer */
  cutBy: "rows" | "bytes" | "time" | undefined;
  /** the time of the exchange is over */
  overdue = false;
  /** how often the upstream was asked to stop because of that */
  asks = 0;
  /** the limit that ended or cut it, in words, for the record */
  limit: string | undefined;
  /** of a COPY from the client that was ended for a limit: what its client is told */
  copyEnded: Buffer | undefined;
  /** counts what the client sends where its rows are limited */
  copiedIn: CopyRowCounter | undefined;
  /** the upstream was asked to stop because the rest of the answer is dropped */
  stopped = false;
  /** nothing else was executed in its batch before it */
  alone = true;
  /** which statement of the text answers now */
  statementIndex = 0;
  masker: RowMasker | "clear" | undefined;
  tag: string | undefined;
  error: string | undefined;
  /** the answer waits until the intent is on disk */
  awaitsDisk: boolean;
  /** set once a Query or Execute was sent */
  started = false;
  /** Executes that were sent and not answered */
  answersOwed = 0;
  /** its statement is done, and only its transaction is not */
  answered = false;
  #ended: "ok" | "error" | "aborted" | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #masked: Record<string, number> = {};

  /** `timeMsMax` in the place of what its own obligations say */
  constructor(admitted: AdmittedExchange, judgement: Judgement, timeMsMax = judgement.obligations?.timeMsMax) {
    this.admitted = admitted;
    this.judgement = judgement;
    this.effects = effectsOf(judgement);
    const { bytesMax, rowsMax } = judgement.obligations ?? {};
    this.rowsMax = rowsMax ?? Number.POSITIVE_INFINITY;
    this.bytesMax = bytesMax ?? Number.POSITIVE_INFINITY;
    this.timeMsMax = timeMsMax;
    this.awaitsDisk = admitted.durable !== undefined;
  }

  /** Counts one more row message of so many bytes, or names the limit that it would break; after the first, all break it. */
  limitAfter(bytes: number): "rows" | "bytes" | "time" | undefined {
    if (this.cutBy) return this.cutBy;
    if (this.overdue) return "time";
    if (this.rows >= this.rowsMax) return "rows";
    if (this.bytes + bytes > this.bytesMax) return "bytes";
    this.rows++;
    this.passed++;
    this.bytes += bytes;
    return undefined;
  }

  /** Calls back once after `delayMs`, unless the exchange is over by then. Replaces an earlier call. */
  arm(then: () => void, delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#ended || this.answered ? undefined : setTimeout(then, delayMs).unref();
  }

  /** All its answers came; its time is over, whatever its transaction takes. */
  awaitCommit(): void {
    this.answered = true;
    clearTimeout(this.#timer);
  }

  /** Sets how the current statement's rows are masked. */
  setMasker(masker: RowMasker | "clear"): RowMasker | "clear" {
    this.masker = masker;
    return masker;
  }

  /** What the current statement's rows must hide. Rows past the last judged statement are nobody's: nothing is known of them. */
  demand(): MaskDemand | undefined {
    const { statements, masks, readsHidden } = this.judgement;
    if (this.statementIndex < statements.length) return masks[this.statementIndex];
    // of a text that could not be parsed, and was allowed as such, the statements were not counted
    if (readsHidden || !statements.some(({ unparsed }) => unparsed))
      throw new UpstreamViolation("rows of more statements than were asked for");
    return undefined;
  }

  /**
   * Keeps the command tag of the current statement. Where the statement sent no rows back, the number at its end counts
   * those that it changed (PostgreSQL 18, protocol-message-formats: CommandComplete).
   */
  setTag(tag: string): void {
    this.tag = tag;
    if (this.rows === this.#rowsBefore && this.cut === 0)
      this.#changed += Number(/^(?:INSERT \d+|UPDATE|DELETE|MERGE|COPY) (\d+)$/.exec(tag)?.[1] ?? 0);
  }

  /** The current statement's answer is complete. */
  nextStatement(): void {
    this.#countMasked();
    this.#rowsBefore = this.rows;
    this.masker = undefined;
    this.passed = 0;
    this.cut = 0;
    this.headerPassed = false;
    this.copiedIn = undefined;
    this.statementIndex++;
  }

  /** Adds cells that were hidden outside of rows (COPY). */
  addMasked(cells: Readonly<Record<string, number>>): void {
    for (const [name, count] of Object.entries(cells)) this.#masked[name] = (this.#masked[name] ?? 0) + count;
  }

  /** Nothing more belongs to it. False when that was said before. */
  end(status: "ok" | "error" | "aborted"): boolean {
    if (this.#ended) return false;
    this.#ended = status;
    clearTimeout(this.#timer);
    this.#countMasked();
    return true;
  }

  /** Completes the record. Call once, after `end`. */
  complete(): void {
    assert(this.#ended, "an exchange that ended");
    this.admitted.finish({
      status: this.#ended,
      rows: this.rows + this.#changed,
      bytes: this.bytes,
      maskedCells: this.#masked,
      error: this.error,
      tag: this.tag,
      limit: this.limit,
    });
  }

  #countMasked(): void {
    if (this.masker !== undefined && this.masker !== "clear") this.addMasked(this.masker.maskedCells);
    this.masker = undefined;
  }
}

/** What the upstream still owes an answer to, in order. */
export type PendingKind = "parse" | "bind" | "describe" | "execute" | "close" | "sync" | "query";

/** One owed answer. */
export interface Pending {
  readonly kind: PendingKind;
  /** our own message: the answer is not the client's */
  readonly hidden: boolean;
  readonly portal: Portal | undefined;
  readonly prepared: Prepared | undefined;
  readonly exchange: RunningExchange | undefined;
  /** a Parse or Bind whose time is limited, or a Sync whose commit's is */
  readonly step: TimedStep | undefined;
  /** sent in place of a refused message: the upstream's error is replaced by this one */
  readonly denial: Buffer | undefined;
  /** takes back what was assumed when the message was sent, if the upstream skips it; of a Bind see `Conversation.skip` */
  readonly undo: (() => void) | undefined;
  /** the portal in whose place a Bind puts its own */
  readonly replaced: Portal | undefined;
  /** receives the rows of our own queries */
  readonly collect: ((row: readonly (string | null)[]) => void) | undefined;
  /** the upstream answered with an error */
  errored: boolean;
}

/** An entry, of one shape whatever it holds. */
export class Owed implements Pending {
  readonly kind: PendingKind;
  readonly exchange: RunningExchange | undefined;
  readonly portal: Portal | undefined;
  undo: (() => void) | undefined = undefined;
  replaced: Portal | undefined = undefined;
  hidden = false;
  step: TimedStep | undefined = undefined;
  prepared: Prepared | undefined = undefined;
  denial: Buffer | undefined = undefined;
  collect: ((row: readonly (string | null)[]) => void) | undefined = undefined;
  errored = false;

  constructor(kind: PendingKind, exchange?: RunningExchange, portal?: Portal) {
    this.kind = kind;
    this.exchange = exchange;
    this.portal = portal;
  }
}

/** Builds an entry from what is special about it. */
export function pendingOf(kind: PendingKind, parts: Partial<Omit<Pending, "kind" | "errored">> = {}): Pending {
  const owed = new Owed(kind, parts.exchange, parts.portal);
  owed.undo = parts.undo;
  owed.hidden = parts.hidden ?? false;
  owed.step = parts.step;
  owed.prepared = parts.prepared;
  owed.denial = parts.denial;
  owed.collect = parts.collect;
  return owed;
}
