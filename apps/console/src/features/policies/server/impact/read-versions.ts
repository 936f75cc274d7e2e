import type { PolicyTexts } from "@sluice/bundle/build";
import type { OrgTx } from "@sluice/db";

/** How long a version that one person published alone does not yet count as settled. */
export const SETTLED_MS = 24 * 3_600_000;

const nothing: PolicyTexts = { guardrails: "", access: "", obligations: "" };

/** The number of the version in force; 0 when nothing was ever published. */
export async function readNewestVersion(tx: OrgTx): Promise<number> {
  return (await tx.policyVersion.aggregate({ _max: { version: true } }))._max.version ?? 0;
}

/**
 * The newest version that two people stood for or that is older than a day, else the first: a candidate is compared with it
 * too, so that many small steps, each within what one person may do, count as the one large step they are.
 */
export async function readAnchorVersion(tx: OrgTx, nowMs: number): Promise<number> {
  const settled = await tx.policyVersion.findFirst({
    where: { OR: [{ approvedById: { not: null } }, { createdAt: { lte: new Date(nowMs - SETTLED_MS) } }] },
    orderBy: { version: "desc" },
    select: { version: true },
  });
  if (settled) return settled.version;
  return (await tx.policyVersion.aggregate({ _min: { version: true } }))._min.version ?? 0;
}

/** The texts of a version; 0 is the empty set, which denies everything. Throws when there is no such version. */
export async function readVersionTexts(tx: OrgTx, version: number): Promise<PolicyTexts> {
  if (version === 0) return nothing;
  const { access, guardrails, obligations } = await tx.policyVersion.findFirstOrThrow({ where: { version } });
  return { guardrails, access, obligations };
}
