import { errorFrame, SQLSTATE } from "./refuse.ts";

/** Named statements, and portals, that one session may hold. */
const NAMES_MAX = 5_000;
/** What all names and texts of either may be together, in UTF-16 units: 16 MB. */
const UNITS_MAX = 8_388_608;

/**
 * Statements or portals by name, with what their names and texts keep in memory. The unnamed one is not counted, and stands
 * apart: it comes and goes with every exchange.
 */
export class HeldNames<V> {
  readonly #unitsOf: (value: V) => number;
  readonly #named = new Map<string, V>();
  #unnamed: V | undefined;
  /** sum of names and texts, in UTF-16 units */
  units = 0;

  constructor(unitsOf: (value: V) => number) {
    this.#unitsOf = unitsOf;
  }

  get(name: string): V | undefined {
    return name === "" ? this.#unnamed : this.#named.get(name);
  }

  set(name: string, value: V): void {
    if (name === "") {
      this.#unnamed = value;
      return;
    }
    this.#take(name);
    this.units += name.length + this.#unitsOf(value);
    this.#named.set(name, value);
  }

  delete(name: string): void {
    if (name === "") {
      this.#unnamed = undefined;
      return;
    }
    this.#take(name);
    this.#named.delete(name);
  }

  clear(): void {
    this.units = 0;
    this.#unnamed = undefined;
    if (this.#named.size > 0) this.#named.clear();
  }

  /** Takes a change back, unless a later one has put something else there. */
  restore(name: string, set: V | undefined, previous: V | undefined): void {
    if (this.get(name) !== set) return;
    if (previous === undefined) this.delete(name);
    else this.set(name, previous);
  }

  /** Whether one more, under this name and with so much text, would be too many. */
  isFull(name: string, units: number): boolean {
    if (name === "") return false;
    const named = this.#named;
    return this.units + name.length + units > UNITS_MAX || (named.size >= NAMES_MAX && !named.has(name));
  }

  /** Those with a name. */
  named(): IterableIterator<[string, V]> {
    return this.#named.entries();
  }

  /** All, the unnamed one among them. */
  *values(): IterableIterator<V> {
    if (this.#unnamed !== undefined) yield this.#unnamed;
    yield* this.#named.values();
  }

  #take(name: string): void {
    const held = this.#named.get(name);
    if (held !== undefined) this.units -= name.length + this.#unitsOf(held);
  }
}

/** What the client is told where `isFull` says so. */
export function tooManyFrame(what: "portals" | "prepared statements"): Buffer {
  const text = `Sluice: more than ${NAMES_MAX} ${what}, or more text in them than ${UNITS_MAX} characters`;
  return errorFrame(SQLSTATE.programLimit, text, "close those that are no longer needed");
}
