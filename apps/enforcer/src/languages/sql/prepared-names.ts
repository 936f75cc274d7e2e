import type { Access, PreparedKind, SqlSessionSettings, StatementFacts } from "../facts.ts";
import { looksNamesUpLate, meansTheSame } from "../late-names.ts";

/** More different statements than these under one name and EXECUTE of it stays opaque. */
const CANDIDATES_MAX = 8;

/** What a name stands for, and the session's settings under which it was understood. */
export interface NamedFacts {
  readonly facts: StatementFacts;
  /** undefined when they changed within the text that prepared it */
  readonly settings: SqlSessionSettings | undefined;
  /** version of the catalogue by which it was understood */
  readonly catalogue?: string | undefined;
}

/**
 * What a session has prepared, by name: SQL's PREPARE and DECLARE share their name spaces with the protocol's Parse and
 * Bind, so the adapter notes both here. It only grows, because whether a PREPARE or DEALLOCATE succeeded is known too
 * late: a name that stood for several statements needs what all of them need. A statement's names are looked up again when
 * it is executed: under other settings, or by another catalogue, than it was understood with, its EXECUTE stays opaque.
 * So does FETCH, where what it runs on looks names up late.
 */
export class PreparedNames {
  readonly #names = new Map<string, NamedFacts[]>();
  readonly #namesMax: number;
  /** statements that left cursors open under names that are not known */
  readonly #openers: NamedFacts[] = [];
  #full = false;
  #manyOpeners = false;

  constructor(namesMax = 1_000) {
    this.#namesMax = namesMax;
  }

  /** Notes a name given by the protocol (Parse, Bind). */
  note(kind: PreparedKind, name: string, named: NamedFacts): void {
    const key = `${kind}\0${name}`;
    const known = this.#names.get(key);
    if (known) {
      const isNew = !known.some(
        (one) => one.facts === named.facts && one.settings === named.settings && one.catalogue === named.catalogue,
      );
      // one more than may be resolved says for ever that there were too many
      if (isNew && known.length <= CANDIDATES_MAX) known.push(named);
      return;
    }
    if (this.#names.size >= this.#namesMax) this.#full = true;
    else this.#names.set(key, [named]);
  }

  /** Notes what a statement prepares; call it before the statement is sent on. */
  observe(facts: StatementFacts, settings: SqlSessionSettings | undefined, catalogue?: string): void {
    const { prepares } = facts;
    if (prepares) this.note(prepares.kind, prepares.name, { facts: prepares.facts, settings, catalogue });
    if (!facts.opensCursors || this.#openers.some((one) => one.facts === facts && one.settings === settings)) return;
    if (this.#openers.length >= CANDIDATES_MAX) this.#manyOpeners = true;
    else this.#openers.push({ facts, settings });
  }

  /** Forgets all statements, but no cursors: only after the server confirmed DEALLOCATE ALL or DISCARD ALL. */
  clear(): void {
    for (const key of this.#names.keys()) if (key.startsWith("statement\0")) this.#names.delete(key);
    this.#full = false;
  }

  /** The facts of a statement with those of what it executes; the same object when it executes nothing. */
  resolve(facts: StatementFacts, settings: SqlSessionSettings, catalogue?: string): StatementFacts {
    const { executes } = facts;
    if (!executes) return facts;
    const named = this.#names.get(`${executes.kind}\0${executes.name}`) ?? [];
    if (executes.kind === "statement" && named.some((one) => one.settings !== settings || one.catalogue !== catalogue))
      return facts;
    const meant = executes.kind === "cursor" ? [...named, ...this.#openers] : named;
    if (executes.kind === "cursor" && (this.#manyOpeners || meant.some((one) => movedOn(one, settings)))) return facts;
    const prepared = meant.map((one) => one.facts);
    if (prepared.length === 0 || this.#full || prepared.length > CANDIDATES_MAX) return facts;
    return combine(facts, prepared);
  }
}

function movedOn({ facts, settings: before }: NamedFacts, now: SqlSessionSettings): boolean {
  return looksNamesUpLate(facts) && (before === undefined || !meansTheSame(before, now));
}

/** EXECUTE's own needs (its arguments) but no longer `sql.opaque`, and everything the prepared statements need. */
function combine(facts: StatementFacts, prepared: readonly StatementFacts[]): StatementFacts {
  const [first] = prepared;
  const nested = prepared.some((one) => one.executes !== undefined);
  const own = facts.accesses.filter((access) => access.action !== "sql.opaque" || nested);
  const accesses: Access[] = [...own, ...prepared.flatMap((one) => one.accesses)];
  const lineage =
    facts.command === "EXPLAIN"
      ? "unknown"
      : prepared.length === 1 && !first?.opensCursors
        ? first?.lineage
        : "unknown";
  return Object.freeze({
    ...facts,
    accesses,
    functions: [...new Set([...facts.functions, ...prepared.flatMap((one) => one.functions)])],
    opaque: prepared.some((one) => one.opaque),
    dynamic: facts.dynamic || prepared.some((one) => one.dynamic),
    unbounded: prepared.some((one) => one.unbounded),
    returnsRows:
      facts.command === "MOVE"
        ? false
        : facts.returnsRows || prepared.some((one) => one.returnsRows || one.opensCursors === true),
    changesSession: prepared.some((one) => one.changesSession),
    readsAnyClass: prepared.some((one) => one.readsAnyClass === true),
    changesCatalogue: prepared.some((one) => one.changesCatalogue === true),
    persists: prepared.flatMap((one) => one.persists ?? []),
    ...(lineage === undefined ? {} : { lineage }),
  });
}
