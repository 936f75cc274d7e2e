import type { Catalogue, SqlSessionSettings, StatementFacts } from "../facts.ts";

/** Bounds of the cache: whichever is reached first drops the texts used longest ago. */
export interface CacheLimits {
  readonly entriesMax: number;
  /** sum of the texts' lengths, in UTF-16 units */
  readonly textUnitsMax: number;
}

type FactList = readonly StatementFacts[];

/**
 * Facts by exact text, session settings and catalogue version. Never by fingerprint: `SET ROLE admin` and
 * `SET ROLE guest` have the same one.
 */
export class FactsCache {
  readonly #limits: CacheLimits;
  readonly #entries = new Map<string, FactList>();
  readonly #prefixes = new WeakMap<SqlSessionSettings, { version: string; prefix: string }>();
  #textUnits = 0;

  constructor(limits: CacheLimits) {
    this.#limits = limits;
  }

  get(text: string, settings: SqlSessionSettings, catalogue: Catalogue): FactList | undefined {
    const key = this.#key(text, settings, catalogue);
    const found = this.#entries.get(key);
    if (!found) return undefined;
    // Re-inserted, the key is the youngest again.
    this.#entries.delete(key);
    this.#entries.set(key, found);
    return found;
  }

  set(text: string, settings: SqlSessionSettings, catalogue: Catalogue, facts: FactList): void {
    const key = this.#key(text, settings, catalogue);
    if (key.length > this.#limits.textUnitsMax / 8) return;
    if (!this.#entries.has(key)) this.#textUnits += key.length;
    this.#entries.set(key, facts);
    this.#shrink();
  }

  #shrink(): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= this.#limits.entriesMax && this.#textUnits <= this.#limits.textUnitsMax) return;
      this.#entries.delete(key);
      this.#textUnits -= key.length;
    }
  }

  /** NUL separates: no setting and no text that is analysed holds one. */
  #key(text: string, settings: SqlSessionSettings, catalogue: Catalogue): string {
    const known = this.#prefixes.get(settings);
    if (known?.version === catalogue.version) return known.prefix + text;
    const temporary = settings.temporaryNames === "any" ? "any" : JSON.stringify(settings.temporaryNames ?? []);
    const parts = [catalogue.version, settings.searchPath, settings.standardConformingStrings ? "1" : "0"];
    const prefix = `${[...parts, settings.clientEncoding, settings.role, temporary].join("\0")}\0`;
    this.#prefixes.set(settings, { version: catalogue.version, prefix });
    return prefix + text;
  }
}
