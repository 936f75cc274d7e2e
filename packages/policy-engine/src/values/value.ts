import type { Datetime, Duration } from "./datetime.ts";
import type { Decimal } from "./decimal.ts";
import type { IpRange } from "./ip.ts";
import { Uid } from "./uid.ts";

/** A value of the policy language. Numbers are safe integers, bigints the longs beyond them. */
export type Val =
  | boolean
  | string
  | number
  | bigint
  | Uid
  | CedarSet
  | CedarRecord
  | Decimal
  | IpRange
  | Datetime
  | Duration;

/** Values that a JavaScript Set or Map tells apart by itself. */
export type Atom = boolean | string | number | bigint | Uid;

/** True when identity (or primitive equality) is Cedar's equality for this value. */
export function isAtom(value: Val): value is Atom {
  return typeof value !== "object" || value instanceof Uid;
}

/** An immutable set without duplicates. */
export class CedarSet {
  readonly items: readonly Val[];
  readonly atoms: ReadonlySet<Val>;
  readonly #compound: ReadonlySet<string>;

  constructor(values: Iterable<Val>) {
    const atoms = new Set<Val>();
    const compound = new Set<string>();
    const items: Val[] = [];
    for (const value of values) {
      if (isAtom(value)) {
        if (atoms.has(value)) continue;
        atoms.add(value);
      } else {
        const key = keyOf(value);
        if (compound.has(key)) continue;
        compound.add(key);
      }
      items.push(value);
    }
    this.items = items;
    this.atoms = atoms;
    this.#compound = compound;
  }

  get size(): number {
    return this.items.length;
  }

  has(value: Val): boolean {
    return isAtom(value) ? this.atoms.has(value) : this.#compound.has(keyOf(value));
  }

  hasAll(other: CedarSet): boolean {
    return other.size <= this.size && other.items.every((item) => this.has(item));
  }

  hasAny(other: CedarSet): boolean {
    const [small, large] = this.size < other.size ? [this, other] : [other, this];
    return small.items.some((item) => large.has(item));
  }
}

/** An immutable record. */
export class CedarRecord {
  readonly fields: ReadonlyMap<string, Val>;
  constructor(fields: ReadonlyMap<string, Val>) {
    this.fields = fields;
  }
}

/** Cedar's `==`: structural, and false across types. */
export function equalValues(left: Val, right: Val): boolean {
  if (left === right) return true;
  if (isAtom(left) || isAtom(right)) return false;
  if (left instanceof CedarSet) return right instanceof CedarSet && left.size === right.size && left.hasAll(right);
  if (left instanceof CedarRecord) return right instanceof CedarRecord && equalRecords(left, right);
  return keyOf(left) === keyOf(right);
}

function equalRecords(left: CedarRecord, right: CedarRecord): boolean {
  if (left.fields.size !== right.fields.size) return false;
  for (const [name, value] of left.fields) {
    const other = right.fields.get(name);
    if (other === undefined || !equalValues(value, other)) return false;
  }
  return true;
}

const keys = new WeakMap<object, string>();

/** A text that two values share exactly when they are equal. */
export function keyOf(value: Val): string {
  if (typeof value !== "object") return typeof value === "string" ? JSON.stringify(value) : String(value);
  if (value instanceof Uid) return `e${JSON.stringify([value.type, value.id])}`;
  const known = keys.get(value);
  if (known !== undefined) return known;
  const key = compoundKey(value);
  keys.set(value, key);
  return key;
}

function compoundKey(value: Exclude<Val, Atom>): string {
  if (value instanceof CedarSet) return `[${value.items.map(keyOf).sort().join(",")}]`;
  if (value instanceof CedarRecord) {
    const fields = [...value.fields].map(([name, field]) => `${JSON.stringify(name)}:${keyOf(field)}`);
    return `{${fields.sort().join(",")}}`;
  }
  return value.key;
}

/** How Cedar names the type of a value, for messages. */
export function typeName(value: Val): string {
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  if (typeof value === "number" || typeof value === "bigint") return "long";
  if (value instanceof Uid) return `entity of type ${value.type}`;
  if (value instanceof CedarSet) return "set";
  if (value instanceof CedarRecord) return "record";
  return value.typeName;
}
