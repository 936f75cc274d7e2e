import type { Access, CatalogueChange, CopyFacts, FactObject, PersistedValue, StatementFacts } from "../facts.ts";
import type { Origin } from "./origin.ts";
import { toLineage } from "./origin.ts";

/**
 * How a column is used: its value can reach the client or a stored place, or it only chooses rows: by equality with a
 * value that was given ("match"), or in any other way ("filter").
 */
export type Use = "read" | "match" | "filter" | "write";

/** The connected database as the object of an access. */
export const DATABASE: FactObject = { kind: "database", schema: "", name: "" };

/** More reasons than these tell nobody more. */
const REASONS_MAX = 4;

interface GrowingAccess {
  readonly action: string;
  readonly object: FactObject;
  readonly read: Set<string>;
  readonly written: Set<string>;
  readonly filtered: Set<string>;
  readonly probed: Set<string>;
  readonly tested: Map<string, number>;
}

function accessKey(action: string, object: FactObject): string {
  return `${action}\0${object.kind}\0${object.schema}\0${object.name}`;
}

/** What is being learned of one statement. Grows only: nothing found is ever taken back. */
export class Collector {
  readonly accesses = new Map<string, GrowingAccess>();
  readonly functions = new Set<string>();
  readonly unresolved = new Set<string>();
  readonly temporary = new Set<string>();
  readonly persists: PersistedValue[] = [];
  /** stored columns that go on under other names, and those that a definition fills from others */
  readonly moves: PersistedValue[] = [];
  /** parts of the tree that were analysed, for the completeness check */
  readonly visited = new Set<object>();
  readonly reasons: string[] = [];
  /** values that could be read off which rows, or how many, are there: every output of the statement carries them */
  readonly correlated: Origin[] = [];
  /** what flowed into any stored column, where `keepsStores` */
  readonly stored: Origin[] = [];
  /** functions that were met again while they were being opened: what was learned inside lacks what they do */
  readonly recursesInto = new Set<string>();
  /** relations that row security looks into, by "schema.name" */
  readonly quoted = new Map<string, FactObject>();
  quotesAny = false;
  opaque = false;
  dynamic = false;
  unbounded = false;
  readsAnyClass = false;
  changesSession = false;
  changesCatalogue = false;
  /** what it makes of the catalogue that later statements are judged by */
  readonly redefines: CatalogueChange[] = [];
  opensCursors = false;
  /** a stored column counts whatever flows into it: its values are told later */
  keepsStores = false;
  /** a choice of rows, or a probe, depended on something of which nobody can tell what it is made of */
  #choosesByUnknown = false;
  #probesUnknown = false;
  copy: CopyFacts | undefined;
  sets: StatementFacts["sets"];
  prepares: StatementFacts["prepares"];
  executes: StatementFacts["executes"];
  transaction: StatementFacts["transaction"] = "none";

  /** Notes that the statement needs this action on this object. */
  need(action: string, object: FactObject): GrowingAccess {
    const key = accessKey(action, object);
    let access = this.accesses.get(key);
    if (!access) {
      access = {
        action,
        object,
        read: new Set(),
        written: new Set(),
        filtered: new Set(),
        probed: new Set(),
        tested: new Map(),
      };
      this.accesses.set(key, access);
    }
    return access;
  }

  /** The same with one column. */
  column(action: string, object: FactObject, column: string, use: Use): void {
    const access = this.need(action, object);
    (use === "read" ? access.read : use === "write" ? access.written : access.filtered).add(column);
    if (use === "filter") access.probed.add(column);
  }

  /** The effect is not fully known, and something more precise than `sql.opaque` is already needed. */
  doubt(reason: string): void {
    this.opaque = true;
    if (this.reasons.length < REASONS_MAX && !this.reasons.includes(reason)) this.reasons.push(reason);
  }

  /** The effect is not known at all: only an explicit permit of `sql.opaque` lets it through. */
  giveUp(reason: string): void {
    this.doubt(reason);
    this.need("sql.opaque", DATABASE);
  }

  /** Takes doubts back: of a query that is only written down. */
  trust(): void {
    this.opaque = false;
    this.reasons.length = 0;
    this.accesses.delete(accessKey("sql.opaque", DATABASE));
  }

  /** A value goes to a stored column. */
  persist(into: PersistedValue["into"], origin: Origin): void {
    if (this.keepsStores) this.stored.push(origin);
    else if (origin.sources.size === 0 && !origin.unknown) return;
    this.persists.push({ into, from: toLineage(origin) });
  }

  /** What is stored in a column is found under another name, or in another column, from now on. */
  move(from: Origin, into: PersistedValue["into"]): void {
    if (from.sources.size > 0) this.moves.push({ into, from: toLineage(from), moved: true });
  }

  /** A value meets something else that varies, so that the answer tells it: `WHERE ascii(email) = n` over a series n. */
  correlate(origin: Origin): void {
    if (origin.sources.size > 0 || origin.unknown) this.correlated.push(origin);
  }

  /** The choice of rows depends on these columns, wherever in the condition they stand. */
  filteredBy(origin: Origin): void {
    this.#choosesByUnknown ||= origin.unknown;
    this.#reads(origin, (access, column) => {
      access.filtered.add(column);
      access.probed.add(column);
    });
  }

  /** Rows are chosen by whether the value is one of so many that were given. */
  testedBy(origin: Origin, values: number): void {
    this.#reads(origin, (access, column) => {
      access.filtered.add(column);
      access.tested.set(column, (access.tested.get(column) ?? 0) + values);
    });
  }

  /** Something about these columns shows even though their values do not. */
  probedBy(origin: Origin): void {
    this.#probesUnknown ||= origin.unknown;
    this.#reads(origin, (access, column) => access.probed.add(column));
  }

  /** Does something of which only the named columns count as filtered, not what it does with values of unknown origin. */
  besides<T>(act: () => T): T {
    const before = [this.#choosesByUnknown, this.#probesUnknown] as const;
    const result = act();
    [this.#choosesByUnknown, this.#probesUnknown] = before;
    return result;
  }

  /** What rows were chosen by could be anything that was read: then all of it counts. */
  settle(): void {
    if (!this.#choosesByUnknown && !this.#probesUnknown) return;
    for (const access of this.accesses.values()) {
      if (!access.action.startsWith("sql.read.")) continue;
      for (const column of access.read) {
        access.probed.add(column);
        if (this.#choosesByUnknown) access.filtered.add(column);
      }
    }
  }

  #reads(origin: Origin, seen: (access: GrowingAccess, column: string) => void): void {
    for (const { schema, table, column } of origin.sources.values()) {
      // Only tables that the statement names: a source is also known by its partitions' names.
      const access = this.accesses.get(accessKey("sql.read.select", { kind: "table", schema, name: table }));
      if (access) seen(access, column);
    }
  }

  /** Takes over what another collector learned (a view's definition, a function's body, an explained statement). */
  absorb(other: Collector, rename: (action: string) => string = (action) => action): void {
    other.settle();
    for (const access of other.accesses.values()) {
      const own = this.need(rename(access.action), access.object);
      for (const column of access.read) own.read.add(column);
      for (const column of access.written) own.written.add(column);
      for (const column of access.filtered) own.filtered.add(column);
      for (const column of access.probed) own.probed.add(column);
      for (const [column, values] of access.tested) own.tested.set(column, (own.tested.get(column) ?? 0) + values);
    }
    for (const name of other.functions) this.functions.add(name);
    for (const name of other.unresolved) this.unresolved.add(name);
    for (const name of other.temporary) this.temporary.add(name);
    for (const part of other.visited) this.visited.add(part);
    for (const reason of other.reasons) this.doubt(reason);
    for (const name of other.recursesInto) this.recursesInto.add(name);
    this.persists.push(...other.persists);
    this.moves.push(...other.moves);
    this.opensCursors ||= other.opensCursors;
    for (const [name, object] of other.quoted) this.quoted.set(name, object);
    this.quotesAny ||= other.quotesAny;
    this.opaque ||= other.opaque;
    this.dynamic ||= other.dynamic;
    this.unbounded ||= other.unbounded;
    this.readsAnyClass ||= other.readsAnyClass;
    this.changesSession ||= other.changesSession;
    this.changesCatalogue ||= other.changesCatalogue;
    this.redefines.push(...other.redefines);
  }

  /** True when something other than reading is needed. */
  writes(): boolean {
    for (const access of this.accesses.values()) if (!access.action.startsWith("sql.read.")) return true;
    return false;
  }

  /** The accesses in the form facts carry; a statement that touches nothing still needs the right to a session. */
  list(): readonly Access[] {
    if (this.accesses.size === 0) this.need("sql.read.session", DATABASE);
    this.settle();
    return [...this.accesses.values()].map((access) => ({
      action: access.action,
      object: access.object,
      columnsRead: [...access.read],
      columnsWritten: [...access.written],
      columnsFiltered: [...access.filtered],
      ...(access.probed.size > 0 ? { columnsProbed: [...access.probed] } : {}),
      ...(access.tested.size > 0 ? { columnsTested: Object.fromEntries(access.tested) } : {}),
    }));
  }
}
