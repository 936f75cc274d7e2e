/** So many sessions have the turn at once: what they touch stays in the processor's caches. */
const HOLDERS_MAX = 16;
/** What a session may begin before it gives its turn to one that waits. */
const EXCHANGES_PER_TURN = 8;
/** A session that asks less often than this waits for nobody. */
const QUICK_MS = 50;
/** What takes longer waits for the server, not for us: others go on meanwhile. */
const SLOW_MS = 5;
/** A client that has its answer and is silent for longer has nothing more to ask at the moment. */
const REST_MS = 2;
/** No session waits longer, however many there are. */
const WAIT_MS_MAX = 100;
/** How often it is looked whether a turn is over, while somebody waits. */
const LOOK_MS = 1;
/** While the event loop has something to do for less of its time, there is nothing to share out: turns save about as much. */
const BUSY_SHARE_MIN = 0.6;
/** For how long it is looked at before that is said. */
const BUSY_OVER_MS = 5;

/** What the process gives. */
export interface TurnsParts {
  /** milliseconds, never goes back */
  readonly now: () => number;
  readonly later: (step: () => void, ms: number) => void;
  /** which part of its time the event loop had something to do since it was asked last, 0 to 1 */
  readonly busyShare: () => number;
}

/** Holds a session back; what it returns lets it go on, and is called once. */
export type HoldBack = () => () => void;

/**
 * Sessions that ask without a pause take turns, a few at a time and several exchanges each, once there are more of them
 * than `HOLDERS_MAX` and the event loop has no time left: each exchange of another session begins with memory that no cache
 * has, which costs more than all that is done. Whoever asks now and then, or is within a transaction, never waits; a slow
 * statement keeps nobody waiting; and nobody waits longer than `WAIT_MS_MAX`, so that two sessions never wait for one another.
 */
export class Turns {
  readonly #parts: TurnsParts;
  readonly #holders: Turn[] = [];
  readonly #waiting: Turn[] = [];
  readonly #look = () => this.#lookAgain();
  #looks = false;
  #isBusy = false;
  #busySeenMs = Number.NEGATIVE_INFINITY;

  constructor(parts: TurnsParts) {
    this.#parts = parts;
  }

  /** One more session. `holdBack` is called when it must wait. */
  join(holdBack: HoldBack): Turn {
    return new Turn(this, holdBack);
  }

  /** As `Turn.begin`. */
  begin(turn: Turn, holdBack: HoldBack): boolean {
    const now = this.#parts.now();
    const isQuick = now - turn.begunMs < QUICK_MS;
    turn.begunMs = now;
    turn.restingSinceMs = undefined;
    turn.rests = false;
    if (!isQuick) return true;
    if (turn.holds) {
      turn.left--;
      if (turn.left > 0 || this.#waiting.length === 0) return true;
    } else {
      if (this.#holders.length >= HOLDERS_MAX) this.#endTurns(now);
      if (this.#holders.length < HOLDERS_MAX && this.#waiting.length === 0) return this.#giveTo(turn, now);
    }
    if (!this.#busy(now)) return true;
    this.#takeFrom(turn);
    turn.goOn = holdBack();
    this.#waiting.push(turn);
    this.#next(now);
    return false;
  }

  /** As `Turn.end`. */
  end(turn: Turn): void {
    if (!this.#leave(turn)) this.#takeFrom(turn);
    if (this.#waiting.length > 0) this.#next(this.#parts.now());
  }

  /** As `Turn.beginNow`. */
  beginNow(turn: Turn): void {
    const { goOn } = turn;
    if (this.#leave(turn)) goOn?.();
  }

  #leave(turn: Turn): boolean {
    if (!turn.goOn) return false;
    turn.goOn = undefined;
    this.#waiting.splice(this.#waiting.indexOf(turn), 1);
    return true;
  }

  /** Lets go on who waits, as long as there is room, and who has waited for too long; everybody while there is time for all. */
  #next(now: number): void {
    const everybody = !this.#busy(now);
    for (;;) {
      const [first] = this.#waiting;
      if (!first) break;
      const hasRoom = this.#holders.length < HOLDERS_MAX;
      if (!hasRoom && !everybody && now - first.begunMs < WAIT_MS_MAX) break;
      this.#waiting.shift();
      if (!everybody) this.#giveTo(first, now);
      const { goOn } = first;
      first.goOn = undefined;
      goOn?.();
    }
    if (this.#looks || this.#waiting.length === 0) return;
    this.#looks = true;
    this.#parts.later(this.#look, LOOK_MS);
  }

  #lookAgain(): void {
    this.#looks = false;
    const now = this.#parts.now();
    this.#endTurns(now);
    this.#next(now);
  }

  #busy(now: number): boolean {
    if (now - this.#busySeenMs >= BUSY_OVER_MS) {
      this.#busySeenMs = now;
      this.#isBusy = this.#parts.busyShare() >= BUSY_SHARE_MIN;
    }
    return this.#isBusy;
  }

  #giveTo(turn: Turn, now: number): true {
    turn.begunMs = now;
    turn.holds = true;
    turn.left = EXCHANGES_PER_TURN;
    this.#holders.push(turn);
    return true;
  }

  #takeFrom(turn: Turn): void {
    if (!turn.holds) return;
    turn.holds = false;
    this.#holders.splice(this.#holders.indexOf(turn), 1);
  }

  /** Ends the turns of whoever makes no use of them. */
  #endTurns(now: number): void {
    for (const turn of this.#holders.slice()) {
      if (!turn.rests) {
        if (now - turn.begunMs > SLOW_MS) this.#takeFrom(turn);
      } else if (turn.restingSinceMs === undefined) turn.restingSinceMs = now;
      else if (now - turn.restingSinceMs > REST_MS) this.#takeFrom(turn);
    }
  }
}

/** A session's place among those that take turns. Its fields are the business of `Turns`. */
export class Turn {
  readonly #turns: Turns;
  readonly #holdBack: HoldBack;
  holds = false;
  /** exchanges until others may have the turn */
  left = 0;
  /** when it last began an exchange, or to wait */
  begunMs = Number.NEGATIVE_INFINITY;
  rests = false;
  /** since when it was seen to rest */
  restingSinceMs: number | undefined;
  /** set while it waits */
  goOn: (() => void) | undefined;

  constructor(turns: Turns, holdBack: HoldBack) {
    this.#turns = turns;
    this.#holdBack = holdBack;
  }

  /** An exchange is to begin outside of any transaction. False: the session was held back, and goes on by itself. */
  begin(): boolean {
    return this.#turns.begin(this, this.#holdBack);
  }

  /** Nothing is owed to the client any more. */
  rest(): void {
    this.rests = true;
  }

  /** Waits no longer, if it does: somebody asks what became of the exchange. */
  beginNow(): void {
    this.#turns.beginNow(this);
  }

  /** The session is over. */
  end(): void {
    this.#turns.end(this);
  }
}

let seen = performance.eventLoopUtilization();

/** This process's. */
export const turns = new Turns({
  now: () => performance.now(),
  later: (step, ms) => void setTimeout(step, ms),
  busyShare() {
    const before = seen;
    seen = performance.eventLoopUtilization();
    return performance.eventLoopUtilization(seen, before).utilization;
  },
});
