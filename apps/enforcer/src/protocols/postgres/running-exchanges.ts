import type { RunningExchange } from "./state.ts";

/** Exchanges whose record is open, oldest first: mostly one, or none. A list, since a set is made anew every few exchanges. */
export class RunningExchanges {
  readonly #items: RunningExchange[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(exchange: RunningExchange): void {
    this.#items.push(exchange);
  }

  has(exchange: RunningExchange): boolean {
    return this.#items.includes(exchange);
  }

  delete(exchange: RunningExchange): void {
    const at = this.#items.indexOf(exchange);
    if (at === this.#items.length - 1) this.#items.pop();
    else if (at >= 0) this.#items.splice(at, 1);
  }

  /** Those that run now, whatever happens to them on the way. */
  all(): readonly RunningExchange[] {
    return this.#items.length === 0 ? NONE : [...this.#items];
  }
}

const NONE: readonly RunningExchange[] = [];
