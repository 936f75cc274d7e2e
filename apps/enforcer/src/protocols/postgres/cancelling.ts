import type { CancelOutcome } from "./adapter.ts";
import { SQLSTATE } from "./refuse.ts";
import type { SessionCore } from "./session-core.ts";

/**
 * CancelRequests of one session. A request goes over a connection of its own and hits whatever runs when it arrives, so
 * from when it is sent until it is settled nothing further is sent upstream that it could hit instead: no message of the
 * client and no query of ours. One that is not known to be settled ends the session.
 */
export class Cancelling {
  readonly #core: SessionCore;
  readonly #send: () => Promise<CancelOutcome>;
  readonly #after: (() => void)[] = [];
  #running: Promise<void> | undefined;
  /** the upstream was asked at least once: its connection serves nobody else */
  used = false;
  /** set while a statement is being judged that a cancel withdraws */
  whileJudged: (() => void) | undefined;

  /** `send` never rejects. */
  constructor(core: SessionCore, send: () => Promise<CancelOutcome>) {
    this.#core = core;
    this.#send = send;
  }

  /** Asks the upstream to stop what it runs. Resolves when that is settled; one under way answers for later ones. */
  request(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Runs the step now, or as soon as no request is under way. */
  whenSettled(step: () => void): void {
    if (this.#running) this.#after.push(step);
    else step();
  }

  async #run(): Promise<void> {
    this.used = true;
    const resume = this.#core.stall();
    const outcome = await this.#send();
    this.#running = undefined;
    if (outcome === "unsure")
      return this.#core.fatal(
        SQLSTATE.connectionFailure,
        "Sluice: the upstream did not confirm a cancel in time, and it could hit a later statement",
        "connect again; see whether the statement was carried out",
      );
    this.#core.guard(() => {
      for (const step of this.#after.splice(0)) step();
      resume();
    });
  }
}
