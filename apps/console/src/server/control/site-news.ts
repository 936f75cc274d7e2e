import type { OrgSql } from "@sluice/db";

/** All that a connected enforcer may have to be told, as the database has it now. */
export interface SiteNews {
  readonly status: string;
  readonly refusedReason: string | null;
  readonly ackedSeq: number;
  readonly certificateEndsAtMs: number;
  readonly bundle: { readonly version: number; readonly digest: string } | null;
  /** the candidate that runs now */
  readonly shadow: { readonly runId: string; readonly version: number; readonly digest: string } | null;
  /** what may not work any more, each as `kind value` */
  readonly stops: readonly Stop[];
  readonly outcomes: readonly ApprovalNews[];
}

/** One revocation that is in force. */
export interface Stop {
  readonly kind: "token" | "principal" | "grant";
  readonly value: string;
  readonly reason: string;
}

/** An ask of this stream that ended. */
export interface ApprovalNews {
  readonly id: string;
  readonly digest: string;
  readonly status: string;
  readonly reason: string;
  readonly decidedAtMs: number;
  /** handles */
  readonly approvers: readonly string[];
}

const SITE = `
  SELECT e.status, e."refusedReason", e."ackedSeq"::text AS acked,
    (extract(epoch FROM e."certificateEndsAt") * 1000)::text AS "endsMs", b.version, b.digest,
    s.id AS "runId", s.number AS "runNumber", s.digest AS "runDigest"
  FROM enforcer e
  LEFT JOIN LATERAL (SELECT version, digest FROM bundle WHERE "siteId" = e."siteId" ORDER BY version DESC LIMIT 1) b ON true
  LEFT JOIN LATERAL (SELECT r.id, r.number, p.digest FROM shadow_run r JOIN shadow_part p ON p."runId" = r.id
    WHERE p."siteId" = e."siteId" AND r."stoppedAt" IS NULL AND r."endsAt" > now() ORDER BY r.number DESC LIMIT 1) s ON true
  WHERE e.id = $1`;

// The same that the next bundle carries (gather-content.ts), so an enforcer that misses one of these learns it there.
const STOPS = `
  SELECT 'token' AS kind, id::text AS value, 'The access token was revoked.' AS reason FROM access_token
    WHERE "siteId" = $1 AND "revokedAt" IS NOT NULL AND "expiresAt" > now()
  UNION ALL SELECT 'principal', 'User::"' || handle || '"', 'The user is locked or removed.' FROM member
    WHERE "lockedAt" IS NOT NULL OR status <> 'active'
  UNION ALL SELECT 'principal', 'Agent::"' || handle || '"', 'The agent is locked or removed.' FROM agent
    WHERE "lockedAt" IS NOT NULL OR status <> 'active'
  UNION ALL SELECT 'grant', g.id::text, 'The grant was revoked.' FROM access_grant g JOIN resource r ON r.id = g."resourceId"
    WHERE r."siteId" = $1 AND g."revokedAt" IS NOT NULL AND g."endsAt" > now()`;

const OUTCOMES = `
  SELECT a.id, a.digest, a.status, coalesce(a.reason, '') AS reason,
    (extract(epoch FROM a."decidedAt") * 1000)::bigint::text AS "decidedMs",
    coalesce((SELECT array_agg(m.handle ORDER BY d."createdAt") FROM approval_decision d JOIN member m ON m.id = d."memberId"
      WHERE d."approvalId" = a.id), '{}') AS approvers
  FROM approval a WHERE a.id = ANY($1::uuid[]) AND a."enforcerId" = $2 AND a.status <> 'waiting'`;

/** Reads the news of one enforcer; undefined when it does not exist (any more). */
export async function readSiteNews(
  sql: OrgSql,
  enforcer: { readonly enforcerId: string; readonly siteId: string },
  waitingIds: readonly string[],
): Promise<SiteNews | undefined> {
  const site = await sql.query<SiteRow>(SITE, [enforcer.enforcerId]);
  const [row] = site.rows;
  if (!row) return undefined;
  const stops = await sql.query<Stop>(STOPS, [enforcer.siteId]);
  const outcomes =
    waitingIds.length === 0 ? [] : (await sql.query<OutcomeRow>(OUTCOMES, [waitingIds, enforcer.enforcerId])).rows;
  return {
    status: row.status,
    refusedReason: row.refusedReason,
    ackedSeq: Number(row.acked),
    certificateEndsAtMs: Number(row.endsMs ?? 0),
    bundle: row.version === null || row.digest === null ? null : { version: row.version, digest: row.digest },
    shadow: shadowOf(row),
    stops: stops.rows,
    outcomes: outcomes.map(({ decidedMs, ...rest }) => ({ ...rest, decidedAtMs: Number(decidedMs ?? 0) })),
  };
}

function shadowOf({ runId, runNumber, runDigest }: SiteRow): SiteNews["shadow"] {
  if (runId === null || runNumber === null || runDigest === null) return null;
  return { runId, version: runNumber, digest: runDigest };
}

interface SiteRow {
  readonly status: string;
  readonly refusedReason: string | null;
  readonly acked: string;
  readonly endsMs: string | null;
  readonly version: number | null;
  readonly digest: string | null;
  readonly runId: string | null;
  readonly runNumber: number | null;
  readonly runDigest: string | null;
}

interface OutcomeRow extends Omit<ApprovalNews, "decidedAtMs"> {
  readonly decidedMs: string | null;
}
