import type { Judgement } from "../protocol.ts";
import * as encode from "./codec/encode.ts";
import { BACKEND, FRONTEND, TX } from "./codec/message.ts";
import { effectsOf } from "./effects.ts";
import { errorFrame, SQLSTATE } from "./refuse.ts";
import type { SessionCore } from "./session-core.ts";
import { type Pending, RunningExchange } from "./state.ts";
import { type Timed, TimedStep } from "./timed-step.ts";

/** An upstream that goes on after its time is asked again this often, and so many times. */
const ASK_AGAIN_MS = 1_000;
const ASKS_MAX = 5;
const TIMER_MS_MAX = 2 ** 31 - 1;
/** Client messages that make the upstream run something; planning and reading parameters can take long as well. */
const RUNS: ReadonlySet<number> = new Set([FRONTEND.query, FRONTEND.parse, FRONTEND.bind, FRONTEND.execute]);
const HINT = "ask for less at once, or ask an admin to raise the limit";

/**
 * Ends in time what policy gives so long: with 57014, by a CancelRequest that is asked again each second. What a server does
 * not end within five seconds of that (it plans thousands of joins deaf to cancels) ends its session: nobody waits for it.
 */
export class TimeLimits {
  readonly #core: SessionCore;
  /** something of this session had a limit of time */
  #used = false;
  readonly #overdue = new Set<Timed>();
  /** what has a limit of time and may be running */
  readonly #timed = new Set<Timed>();
  #held: { readonly type: number; readonly resume: () => void } | undefined;
  /** whose time the upstream was asked to end, until the batch that it belongs to is over */
  #asked: Timed | undefined;
  /** of what the open transaction wrote under a limit, the strictest: the commit runs what that put off */
  #strictest: Judgement | undefined;
  /** of a Sync that was sent and may commit such a transaction, until all before it has answered */
  #commit: TimedStep | undefined;

  constructor(core: SessionCore) {
    this.#core = core;
  }

  /** How long a statement may take. One that ends a transaction runs what was put off in it: within what that may take. */
  of(judgement: Judgement): number | undefined {
    const own = judgement.obligations?.timeMsMax;
    const putOff = this.#strictest?.obligations?.timeMsMax;
    if (putOff === undefined || !effectsOf(judgement).runsWhatWasPutOff) return own;
    return Math.min(own ?? putOff, putOff);
  }

  /** Starts the time of something that begins. */
  begin(timed: Timed): void {
    if (timed.timeMsMax === undefined) return;
    this.#used = true;
    this.#timed.add(timed);
    if (timed instanceof RunningExchange) this.#note(timed.judgement);
    const overdue = () => {
      timed.overdue = true;
      this.#overdue.add(timed);
      this.#stopOverdue();
    };
    timed.arm(() => this.#core.guard(overdue), Math.min(timed.timeMsMax, TIMER_MS_MAX));
  }

  /** The same for a Parse or Bind that is being sent; undefined where its statement's time is not limited. */
  beginStep(judgement: Judgement): TimedStep | undefined {
    const timeMsMax = judgement.obligations?.timeMsMax;
    if (timeMsMax === undefined) return undefined;
    const step = new TimedStep(judgement, timeMsMax);
    this.begin(step);
    return step;
  }

  /**
   * A Sync is being sent: where it commits what was written under a limit, it has the same time, from when all before it has
   * answered, which the server is told to do without waiting for it. What the session knows of its transaction may be
   * behind, so in an open one, where a Sync commits nothing, it is the same.
   */
  commits(): TimedStep | undefined {
    const timeMsMax = this.#strictest?.obligations?.timeMsMax;
    // behind one that waits nothing was executed
    if (!this.#strictest || timeMsMax === undefined || this.#commit) return undefined;
    const { talk, toUpstream } = this.#core;
    const step = new TimedStep(this.#strictest, timeMsMax, true);
    this.#used = true;
    this.#timed.add(step);
    if (talk.pending.size > 0) this.#commit = step;
    else this.begin(step);
    toUpstream.append(encode.flush());
    return step;
  }

  /** A message of the upstream was handled. */
  answered(): void {
    if (!this.#used) return;
    if (this.#core.upstreamView.reader.type === BACKEND.readyForQuery) this.#ready();
    if (this.#commit && this.#core.talk.pending.head?.step === this.#commit) {
      this.begin(this.#commit);
      this.#commit = undefined;
    }
    this.#stopOverdue();
    if (!this.#held || this.#mustWait(this.#held.type)) return;
    const { resume } = this.#held;
    this.#held = undefined;
    resume();
  }

  /**
   * Whether a client's message that makes the upstream run something must wait, because what runs may have to be stopped
   * for its time: a CancelRequest would hit whatever came after it. It stays in line until that has answered. The steps of
   * one batch do not wait for each other: it fails as a whole.
   */
  holdsBack(type: number): boolean {
    if (this.#timed.size === 0 || !RUNS.has(type)) return false;
    const waits = this.#mustWait(type);
    const { clientView, talk, toUpstream } = this.#core;
    // in a batch the server may keep the answer to itself until Sync
    if (talk.batchOpen && (waits || type === FRONTEND.parse)) toUpstream.append(encode.flush());
    if (!waits) return false;
    clientView.reader.unread();
    this.#held ??= { type, resume: this.#core.stall() };
    return true;
  }

  /** Says in which words the limit of an exchange or step ended it. */
  static reason({ timeMsMax }: Timed): string {
    return `policy sets a time limit of ${timeMsMax} ms`;
  }

  /** The error that the client is told in the place of the upstream's, when the upstream was stopped for its time. */
  error(head: Pending | undefined, sqlstate: () => string | undefined): Buffer | undefined {
    const timed = this.#asked;
    if (!head || !timed || sqlstate() !== SQLSTATE.cancelled) return undefined;
    this.#record(timed);
    return TimeLimits.frame(timed);
  }

  /** What the client is told of something that was stopped for its time. */
  static frame(timed: Timed): Buffer {
    const message = `Sluice: limit.time: the statement was stopped: ${TimeLimits.reason(timed)}`;
    return errorFrame(SQLSTATE.cancelled, message, HINT);
  }

  #ready(): void {
    const { pending, running, txStatus } = this.#core.talk;
    this.#asked = undefined;
    if (!this.#strictest || txStatus !== TX.idle) return;
    this.#strictest = undefined;
    // what was sent behind the end of the transaction belongs to the next
    for (const { judgement } of running.all()) this.#note(judgement);
    for (const { exchange } of pending) if (exchange) this.#note(exchange.judgement);
  }

  /** What only reads puts nothing off. */
  #note(judgement: Judgement): void {
    const timeMsMax = judgement.obligations?.timeMsMax;
    if (timeMsMax === undefined || !judgement.strict) return;
    if (timeMsMax < (this.#strictest?.obligations?.timeMsMax ?? Number.POSITIVE_INFINITY)) this.#strictest = judgement;
  }

  #record(timed: Timed): void {
    const reason = TimeLimits.reason(timed);
    const exchange = timed instanceof RunningExchange ? timed : this.#executionOf(timed);
    if (exchange) exchange.limit = `limit.time: ${reason}`;
    // nothing was executed yet that would have a record
    else this.#core.gate.refuse(timed.judgement, { kind: "time", policyId: "limit.time", reason, hint: HINT });
  }

  /** What executes the statement of a step, if that was sent too; of a commit, what it was to keep. */
  #executionOf(step: Timed): RunningExchange | undefined {
    const commits = step instanceof TimedStep && step.commits;
    for (const exchange of this.#core.talk.running.all())
      if (exchange.judgement === step.judgement && exchange.answered === commits) return exchange;
    return undefined;
  }

  /** A server that reads COPY data hears of no cancel before more of it comes; of a message that is half sent all must come. */
  #endsCopy(timed: Timed): boolean {
    const { clientView, copy } = this.#core;
    if (!(timed instanceof RunningExchange) || clientView.reader.streaming) return false;
    if (!copy.stopIn(timed, TimeLimits.frame(timed))) return false;
    this.#record(timed);
    return true;
  }

  #isAlive(timed: Timed): boolean {
    const { pending, running } = this.#core.talk;
    if (timed instanceof RunningExchange) return running.has(timed) && !timed.answered;
    for (const { step } of pending) if (step === timed) return true;
    return false;
  }

  #mustWait(type: number): boolean {
    for (const timed of this.#timed) if (!this.#isAlive(timed)) this.#timed.delete(timed);
    if (this.#timed.size === 0) return false;
    let step = false;
    for (const entry of this.#core.talk.pending) {
      if (entry.exchange && this.#timed.has(entry.exchange)) return true;
      if (entry.kind === "sync" && entry.step) return true;
      if (step && (entry.kind === "sync" || entry.kind === "query")) return true;
      step ||= entry.step !== undefined;
    }
    return step && type === FRONTEND.query;
  }

  /** Asks the upstream to stop what it runs now, if its time is over. One that waits behind another is asked in its turn. */
  #stopOverdue(): void {
    if (this.#overdue.size === 0) return;
    for (const timed of this.#overdue) if (!this.#isAlive(timed)) this.#overdue.delete(timed);
    const timed = this.#overdueNow();
    if (timed && timed.asks === 0) this.#ask(timed);
  }

  /**
   * One whose time is over in what the upstream works on: a Query, or a batch up to its Sync. The server may keep answers
   * of a batch to itself until then, so which of its statements runs cannot be told; the batch fails as a whole anyway.
   */
  #overdueNow(): Timed | undefined {
    for (const { exchange, kind, step } of this.#core.talk.pending) {
      if (step?.overdue) return step;
      if (exchange?.overdue && exchange.started) return exchange;
      if (kind === "sync" || kind === "query") return undefined;
    }
    return undefined;
  }

  #ask(timed: Timed): void {
    if (timed.asks >= ASKS_MAX) {
      this.#record(timed);
      const message = `Sluice: limit.time: it did not stop: ${TimeLimits.reason(timed)}`;
      return this.#core.fatal(SQLSTATE.cancelled, message, "connect again");
    }
    timed.asks++;
    this.#asked = timed;
    if (!this.#endsCopy(timed)) void this.#core.cancelling.request();
    const again = () => {
      if (this.#overdueNow() === timed) this.#ask(timed);
      else timed.asks = 0;
    };
    timed.arm(() => this.#core.guard(again), ASK_AGAIN_MS);
  }
}
