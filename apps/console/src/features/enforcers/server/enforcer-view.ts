import { z } from "zod";
import { enforcerProblem } from "../enforcer-problem.ts";
import { type RefusalFacts, refusedBundle } from "../refused-bundle.ts";
import { type EnforcerRow, enforcerRowSchema } from "../schemas.ts";

const listenersSchema = z.array(z.object({ resourceId: z.string(), address: z.string() })).catch([]);

/** One enforcer as stored, with its site. */
export interface StoredEnforcer extends RefusalFacts {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly version: string | null;
  readonly hostname: string | null;
  readonly certificateEndsAt: Date | null;
  readonly desiredVersion: number | null;
  readonly appliedVersion: number | null;
  readonly appliedAt: Date | null;
  readonly stoppedReason: string | null;
  readonly recordsRefusedReason: string | null;
  readonly recordsRefusedAt: Date | null;
  readonly lastSeenAt: Date | null;
  readonly sessions: number;
  readonly spoolBytes: bigint;
  readonly listeners: unknown;
  readonly site: { readonly id: string; readonly slug: string; readonly name: string };
}

/** Where an enforcer listens, as it reported. */
export function listenersOf(enforcer: Pick<StoredEnforcer, "listeners">) {
  return listenersSchema.parse(enforcer.listeners);
}

/** An enforcer as the console shows it; `resources` names what it listens for. */
export function viewEnforcer(
  stored: StoredEnforcer,
  resources: ReadonlyMap<string, string>,
  nowMs: number,
): EnforcerRow {
  const problem = enforcerProblem(stored, nowMs);
  return enforcerRowSchema.parse({
    ...stored,
    site: { id: stored.site.id, slug: stored.site.slug, name: stored.site.name },
    refused: viewRefused(stored),
    recordsRefused: viewRecordsRefused(stored),
    current: problem === null,
    problem,
    appliedAt: stored.appliedAt?.toISOString() ?? null,
    lastSeenAt: stored.lastSeenAt?.toISOString() ?? null,
    certificateEndsAt: stored.certificateEndsAt?.toISOString() ?? null,
    spoolBytes: Number(stored.spoolBytes),
    listeners: listenersOf(stored).map(({ resourceId, address }) => ({
      resourceId,
      address,
      resource: resources.get(resourceId) ?? null,
    })),
  });
}

function viewRefused(stored: StoredEnforcer): EnforcerRow["refused"] {
  const refused = refusedBundle(stored);
  if (!refused) return null;
  const { sinceMs, ...rest } = refused;
  return { ...rest, since: sinceMs === null ? null : new Date(sinceMs).toISOString() };
}

function viewRecordsRefused(stored: StoredEnforcer): EnforcerRow["recordsRefused"] {
  const { recordsRefusedAt: since, recordsRefusedReason: reason } = stored;
  return reason === null ? null : { reason, since: since?.toISOString() ?? null };
}
