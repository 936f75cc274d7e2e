import { availableParallelism } from "node:os";

/** Messages that follow one another sooner than this are a conversation that waits for us. */
const QUICK_MS = 0.5;
/** So many of them in a row, less a few for each that came later, make it worth waiting awake. */
const QUICK_ENOUGH = 16;
const QUICK_MAX = 48;
const LATE_COSTS = 4;
/** A chunk of this size is part of a large answer: what follows it had better collect. */
const LARGE_BYTES = 4_096;

/** What the process gives. */
export interface BusyPollParts {
  /** milliseconds, never goes back */
  readonly now: () => number;
  /** calls back once the event loop has looked at its sockets again, without sleeping */
  readonly nextTurn: (step: () => void) => void;
}

/**
 * Keeps the event loop awake between the messages of one quick conversation: to wake a processor that fell asleep, twice an
 * exchange, takes longer than to decide. Only while a single session talks, message upon message, and never longer than half
 * a millisecond after the last one; with nothing to do or with many sessions the loop sleeps or works as without it.
 */
export class BusyPoll {
  readonly #parts: BusyPollParts;
  /** the two streams that spoke last: a session's client and upstream */
  #one = 0;
  #other = 0;
  #lastMs = 0;
  #quick = 0;
  #awake = false;
  readonly #turn = () => this.#goOn();

  constructor(parts: BusyPollParts) {
    this.#parts = parts;
  }

  /** So many bytes came from the stream with this number (from 1 on), and were handled. */
  handled(stream: number, bytes: number): void {
    if (stream !== this.#one && stream !== this.#other) {
      this.#other = this.#one;
      this.#one = stream;
      this.#quick = 0;
      return;
    }
    if (bytes >= LARGE_BYTES) {
      this.#quick = 0;
      return;
    }
    const nowMs = this.#parts.now();
    const isLate = nowMs - this.#lastMs > QUICK_MS;
    this.#lastMs = nowMs;
    this.#quick = isLate ? Math.max(0, this.#quick - LATE_COSTS) : Math.min(QUICK_MAX, this.#quick + 1);
    if (this.#awake || this.#quick < QUICK_ENOUGH) return;
    this.#awake = true;
    this.#parts.nextTurn(this.#turn);
  }

  #goOn(): void {
    this.#awake = this.#quick >= QUICK_ENOUGH && this.#parts.now() - this.#lastMs < QUICK_MS;
    if (this.#awake) this.#parts.nextTurn(this.#turn);
  }
}

/** This process's; undefined where whoever is waited for needs the only processor. */
export const busyPoll =
  availableParallelism() > 1
    ? new BusyPoll({ now: () => performance.now(), nextTurn: (step) => void setImmediate(step) })
    : undefined;
