import type { Judgement } from "../protocol.ts";

/** Something upstream whose time is limited. */
export interface Timed {
  readonly judgement: Judgement;
  readonly timeMsMax: number | undefined;
  /** its time is over */
  overdue: boolean;
  /** how often the upstream was asked to stop because of that */
  asks: number;
  /** Calls back once after `delayMs`, unless it is over by then. Replaces an earlier call. */
  arm(then: () => void, delayMs: number): void;
}

/**
 * A Parse or Bind under a time limit: the server analyses and plans then, which can take longer than running. Or a Sync: it
 * commits what ran outside of a transaction block, and runs what was put off until then.
 */
export class TimedStep implements Timed {
  readonly judgement: Judgement;
  readonly timeMsMax: number;
  /** of a Sync */
  readonly commits: boolean;
  overdue = false;
  asks = 0;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(judgement: Judgement, timeMsMax: number, commits = false) {
    this.judgement = judgement;
    this.commits = commits;
    this.timeMsMax = timeMsMax;
  }

  arm(then: () => void, delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#over ? undefined : setTimeout(then, delayMs).unref();
  }

  /** It was answered, skipped, or nobody waits for it any more. */
  end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }
}
