import type { FlipKind } from "@sluice/policy-engine";
import type { ImpactResult, UnreplayableReason } from "../../impact-schemas.ts";
import type { ExchangeFlip } from "./exchange-flips.ts";

const EXAMPLES_PER_KIND = 5;
const GROUPS_SHOWN = 50;
/** Names counted at most; records beyond count in the totals only. */
const GROUPS_MAX = 5_000;

type Counts = Partial<Record<FlipKind, number>>;
type Groups = Map<string, { records: number; kinds: Counts }>;

/** The record a flip belongs to. */
export interface TalliedRecord {
  readonly id: string;
  readonly atMs: number;
  /** as `User::"ana"` */
  readonly principal: string;
}

/** Counts what a replay finds, in bounded memory. */
export class ImpactTally {
  sampled = 0;
  replayed = 0;
  changed = 0;
  changedSinceAnchor = 0;
  readonly #unreplayable: Partial<Record<UnreplayableReason, number>> = {};
  readonly #kinds: Counts = {};
  readonly #byPolicy: Groups = new Map();
  readonly #byPrincipal: Groups = new Map();
  readonly #byResource: Groups = new Map();
  readonly #examples: ImpactResult["examples"] = [];

  /** A record that could not be decided again. */
  skip(reason: UnreplayableReason): void {
    this.sampled += 1;
    this.#unreplayable[reason] = (this.#unreplayable[reason] ?? 0) + 1;
  }

  /** A record that was decided again, with what flips against the version in force and whether anything flips against the anchor. */
  add(record: TalliedRecord, flips: readonly ExchangeFlip[], flipsSinceAnchor: boolean): void {
    this.sampled += 1;
    this.replayed += 1;
    if (flipsSinceAnchor) this.changedSinceAnchor += 1;
    if (flips.length === 0) return;
    this.changed += 1;
    count(this.#byPrincipal, [record.principal], flips);
    for (const flip of flips) {
      count(this.#byPolicy, flip.policies, [flip]);
      count(this.#byResource, flip.resources, [flip]);
      const seen = (this.#kinds[flip.kind] ?? 0) + 1;
      this.#kinds[flip.kind] = seen;
      if (seen > EXAMPLES_PER_KIND) continue;
      this.#examples.push({
        recordId: record.id,
        at: new Date(record.atMs).toISOString(),
        kind: flip.kind,
        principal: record.principal,
        policies: flip.policies.slice(0, 5),
        resources: flip.resources.slice(0, 5),
      });
    }
  }

  /** What was found, of a span that holds so many records. */
  result(records: number, tookMs: number): ImpactResult {
    return {
      records,
      sampled: this.sampled,
      replayed: this.replayed,
      unreplayable: this.#unreplayable,
      changed: this.changed,
      changedSinceAnchor: this.changedSinceAnchor,
      kinds: this.#kinds,
      byPolicy: shown(this.#byPolicy),
      byPrincipal: shown(this.#byPrincipal),
      byResource: shown(this.#byResource),
      examples: this.#examples,
      tookMs: Math.round(tookMs),
    };
  }
}

function count(groups: Groups, names: readonly string[], flips: readonly ExchangeFlip[]): void {
  for (const name of names) {
    const group = groups.get(name) ?? { records: 0, kinds: {} };
    if (group.records === 0 && groups.size >= GROUPS_MAX) continue;
    group.records += 1;
    for (const { kind } of flips) group.kinds[kind] = (group.kinds[kind] ?? 0) + 1;
    groups.set(name, group);
  }
}

function shown(groups: Groups): ImpactResult["byPolicy"] {
  return [...groups]
    .map(([name, { records, kinds }]) => ({ name, records, kinds }))
    .sort((left, right) => right.records - left.records || (left.name < right.name ? -1 : 1))
    .slice(0, GROUPS_SHOWN);
}
