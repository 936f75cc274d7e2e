import { errorFrame, SQLSTATE } from "./refuse.ts";

/** Named statements, and portals, that one session may hold. */
const NAMES_MAX = 5_000;
/** What all names and texts of either may be together, in UTF-16 units: 16 MB. */
const UNITS_MAX = 8_388_608;

/** Statements or portals by name, with what their names and texts keep in memory. The unnamed one is not counted. */
export class HeldNames<V> extends Map<string, V> {
  readonly #unitsOf: (value: V) => number;
  /** sum of names and texts, in UTF-16 units */
  units = 0;

  constructor(unitsOf: (value: V) => number) {
    super();
    this.#unitsOf = unitsOf;
  }

  override set(name: string, value: V): this {
    if (name !== "") {
      this.#take(name);
      this.units += name.length + this.#unitsOf(value);
    }
    return super.set(name, value);
  }

  override delete(name: string): boolean {
    if (name !== "") this.#take(name);
    return super.delete(name);
  }

  override clear(): void {
    this.units = 0;
    super.clear();
  }

  #take(name: string): void {
    const held = this.get(name);
    if (held !== undefined) this.units -= name.length + this.#unitsOf(held);
  }
}

/** Whether one more, under this name and with so much text, would be too many. */
export function isFull<V>(held: HeldNames<V>, name: string, units: number): boolean {
  if (name === "") return false;
  return held.units + name.length + units > UNITS_MAX || (held.size >= NAMES_MAX && !held.has(name));
}

/** What the client is told of that. */
export function tooManyFrame(what: "portals" | "prepared statements"): Buffer {
  const text = `Sluice: more than ${NAMES_MAX} ${what}, or more text in them than ${UNITS_MAX} characters`;
  return errorFrame(SQLSTATE.programLimit, text, "close those that are no longer needed");
}
