import type { Pending, PendingKind } from "./state.ts";

/** Room kept by an empty queue, in entries. */
const KEPT_MAX = 1_024;

/** A first-in first-out queue without shifting arrays or setting their length: it is empty after every exchange. */
export class PendingQueue {
  #items: (Pending | undefined)[] = [];
  #head = 0;
  #tail = 0;

  get size(): number {
    return this.#tail - this.#head;
  }

  get head(): Pending | undefined {
    return this.#items[this.#head];
  }

  push(item: Pending): void {
    this.#items[this.#tail++] = item;
  }

  shift(): Pending | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#tail) {
      if (this.#tail > KEPT_MAX) this.#items = [];
      this.#head = 0;
      this.#tail = 0;
    } else if (this.#head > KEPT_MAX) {
      this.#items = this.#items.slice(this.#head, this.#tail);
      this.#tail -= this.#head;
      this.#head = 0;
    }
    return item;
  }

  /** Takes the entries before the next sync: after an error the server skips them, a Query among them too. */
  takeUntilSync(): Pending[] {
    const taken: Pending[] = [];
    while (this.head !== undefined && this.head.kind !== "sync") {
      const item = this.shift();
      if (item) taken.push(item);
    }
    return taken;
  }

  has(kind: PendingKind): boolean {
    return this.#items.some((item) => item?.kind === kind);
  }

  *[Symbol.iterator](): IterableIterator<Pending> {
    for (let index = this.#head; index < this.#tail; index++) {
      const item = this.#items[index];
      if (item) yield item;
    }
  }
}
