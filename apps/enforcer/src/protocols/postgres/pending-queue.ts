import type { Pending, PendingKind } from "./state.ts";

/** A first-in first-out queue without shifting arrays. */
export class PendingQueue {
  #items: (Pending | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  get head(): Pending | undefined {
    return this.#items[this.#head];
  }

  push(item: Pending): void {
    this.#items.push(item);
  }

  shift(): Pending | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head > 1024) {
      this.#items = this.#items.slice(this.#head);
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
    for (let index = this.#head; index < this.#items.length; index++) {
      const item = this.#items[index];
      if (item) yield item;
    }
  }
}
