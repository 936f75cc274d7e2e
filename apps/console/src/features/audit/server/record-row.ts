import type { RecordRow } from "../schemas.ts";
import { recordRowSchema } from "../schemas.ts";

/** The longest piece of a statement in a list. */
export const STATEMENT_PREVIEW_CHARS = 2_000;

/** The columns of "record" that a list needs, for a SELECT. Numbers beyond 2^53 do not occur: bigint comes as text. */
export const ROW_COLUMNS = `r."id", r."at", r."kind", r."enforcerId", r."seq", r."sessionId", r."resourceId", r."resourceName",
  r."principalType", r."principalId", r."principalName", r."onBehalfOf", r."verdict", r."status", r."actions", r."objects",
  r."classes", r."policies", r."reason", left(r."statement", ${STATEMENT_PREVIEW_CHARS + 1}) AS "statement", r."rows",
  r."maskedCells", r."durationUs", r."error", r."approvalId", r."bundleVersion", r."receivedAt"`;

/** One row as `ROW_COLUMNS` selects it, from pg or Prisma. */
export interface StoredRecord {
  readonly id: string;
  readonly at: Date;
  readonly kind: string;
  readonly enforcerId: string;
  readonly seq: bigint | string;
  readonly sessionId: string | null;
  readonly resourceId: string | null;
  readonly resourceName: string | null;
  readonly principalType: string;
  readonly principalId: string;
  readonly principalName: string;
  readonly onBehalfOf: string | null;
  readonly verdict: string;
  readonly status: string;
  readonly actions: readonly string[];
  readonly objects: readonly string[];
  readonly classes: readonly string[];
  readonly policies: readonly string[];
  readonly reason: string | null;
  readonly statement: string | null;
  readonly rows: bigint | string | null;
  readonly maskedCells: bigint | string | null;
  readonly durationUs: bigint | string | null;
  readonly error: string | null;
  readonly approvalId: string | null;
  readonly bundleVersion: number | null;
  readonly receivedAt: Date;
}

/** A stored record as lists show it. */
export function recordRowOf(stored: StoredRecord): RecordRow {
  const statement = stored.statement?.slice(0, STATEMENT_PREVIEW_CHARS) ?? null;
  return recordRowSchema.parse({
    ...stored,
    at: stored.at.toISOString(),
    seq: Number(stored.seq),
    resource:
      stored.resourceId === null ? null : { id: stored.resourceId, name: stored.resourceName ?? stored.resourceId },
    principal: { type: stored.principalType, id: stored.principalId, name: stored.principalName },
    statement,
    statementCut: (stored.statement?.length ?? 0) > STATEMENT_PREVIEW_CHARS,
    rows: numberOf(stored.rows),
    maskedCells: numberOf(stored.maskedCells),
    durationUs: numberOf(stored.durationUs),
  });
}

function numberOf(value: bigint | string | null): number | null {
  return value === null ? null : Number(value);
}
