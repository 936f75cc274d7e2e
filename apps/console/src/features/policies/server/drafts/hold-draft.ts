import type { OrgTx } from "@sluice/db";

/** Keeps a draft from being discarded until the transaction ends; false when it was discarded already, or never was. */
export async function holdDraft(tx: OrgTx, number: number): Promise<boolean> {
  const found = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM "policy_draft" WHERE "number" = ${number} AND "discardedAt" IS NULL FOR UPDATE`;
  return found.length > 0;
}
