import type { OrgTx } from "@sluice/db";

/** A batch that was not taken. */
export interface RefusedRecords {
  readonly enforcerId: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly reason: string;
}

/**
 * Notes on the enforcer that its records are not taken, why, and since when; the next batch that is committed takes it back.
 * Nothing is noted of records that are committed already, nor on a banned enforcer.
 */
export async function noteRefusedRecords(tx: OrgTx, refused: RefusedRecords, now: Date): Promise<void> {
  const { enforcerId, firstSeq, lastSeq, reason } = refused;
  const where = { id: enforcerId, status: { not: "banned" }, ackedSeq: { lt: lastSeq } };
  const recordsRefusedReason = `Records ${firstSeq} to ${lastSeq} are not taken: ${reason}`;
  await tx.enforcer.updateMany({ where, data: { recordsRefusedReason } });
  await tx.enforcer.updateMany({ where: { ...where, recordsRefusedAt: null }, data: { recordsRefusedAt: now } });
}
