import type { RunningExchange } from "./state.ts";

/**
 * Exchanges whose record is open, oldest first. Mostly there is one, or none: it stands apart, since a set is made anew every
 * few exchanges that come and go.
 */
export class RunningExchanges {
  #oldest: RunningExchange | undefined;
  readonly #others = new Set<RunningExchange>();

  get size(): number {
    return (this.#oldest ? 1 : 0) + this.#others.size;
  }

  add(exchange: RunningExchange): void {
    if (this.size === 0) this.#oldest = exchange;
    else this.#others.add(exchange);
  }

  has(exchange: RunningExchange): boolean {
    return this.#oldest === exchange || this.#others.has(exchange);
  }

  delete(exchange: RunningExchange): void {
    if (this.#oldest === exchange) this.#oldest = undefined;
    else this.#others.delete(exchange);
  }

  /** Those that run now, whatever happens to them on the way. */
  all(): readonly RunningExchange[] {
    if (this.size === 0) return NONE;
    return this.#oldest ? [this.#oldest, ...this.#others] : [...this.#others];
  }
}

const NONE: readonly RunningExchange[] = [];
