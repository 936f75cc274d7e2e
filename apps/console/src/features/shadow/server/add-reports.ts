import { z } from "zod";
import { flipKindSchema } from "../../policies/impact-schemas.ts";
import { type FlipGroup, flipGroupSchema, type RunDetail } from "../schemas.ts";

const GROUPS_SHOWN = 500;
const EXAMPLES_SHOWN = 5;
const groupsSchema = z.array(flipGroupSchema);

/** One enforcer process's totals as stored. */
export interface StoredReport {
  readonly enforcerId: string;
  readonly state: string;
  readonly reasonCode: string;
  readonly reason: string;
  readonly decided: bigint;
  readonly repeated: bigint;
  readonly dropped: bigint;
  readonly unreplayable: bigint;
  readonly failed: bigint;
  readonly flips: bigint;
  readonly ungrouped: bigint;
  readonly candidateUs: bigint;
  readonly groups: unknown;
  readonly firstAt: Date;
  readonly reportedAt: Date;
}

const counters = ["decided", "repeated", "dropped", "unreplayable", "failed", "flips", "ungrouped"] as const;

/** The counters of all reports together. */
export function totalsOf(reports: readonly StoredReport[]): RunDetail["totals"] {
  const totals = { decided: 0, repeated: 0, dropped: 0, unreplayable: 0, failed: 0, flips: 0, ungrouped: 0 };
  for (const report of reports) for (const name of counters) totals[name] += Number(report[name]);
  return totals;
}

/** The groups of all reports, equal ones as one: the gravest kind first, then the most exchanges. */
export function groupsOf(reports: readonly StoredReport[]): FlipGroup[] {
  const groups = new Map<string, FlipGroup>();
  for (const { groups: stored } of reports) {
    for (const group of groupsSchema.parse(stored)) {
      const { count, exchangeIds, ...named } = group;
      const key = JSON.stringify(Object.values(named));
      const known = groups.get(key);
      const examples = [...(known?.exchangeIds ?? []), ...exchangeIds].slice(0, EXAMPLES_SHOWN);
      groups.set(key, { ...named, count: (known?.count ?? 0) + count, exchangeIds: examples });
    }
  }
  const gravity = ({ kind }: FlipGroup) => flipKindSchema.options.indexOf(kind);
  return [...groups.values()].sort((a, b) => gravity(a) - gravity(b) || b.count - a.count).slice(0, GROUPS_SHOWN);
}
