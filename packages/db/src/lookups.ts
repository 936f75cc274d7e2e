import type pg from "pg";

/** What was found before any scope existed: enough to enter it, nothing more. */
export interface Found {
  readonly orgId: string;
  readonly id: string;
}

/**
 * The only questions that can be asked without an org. Each is a function in the database that answers with ids, owned by
 * a role that sees only the columns it compares; the application's role never reads across orgs itself.
 */
export interface Lookups {
  orgBySlug(slug: string): Promise<string | null>;
  /** every org's id, for jobs that visit all of them */
  orgIds(): Promise<readonly string[]>;
  /** the sign-in whose token has this sha-256; whether it is still valid is read inside its org */
  authSession(tokenHash: Uint8Array): Promise<Found | null>;
  apiToken(tokenHash: Uint8Array): Promise<Found | null>;
  enrolToken(tokenHash: Uint8Array): Promise<Found | null>;
  orgOfEnforcer(enforcerId: string): Promise<string | null>;
}

/** Binds the lookups to a pool of the application's role. */
export function lookupsOn(pool: pg.Pool): Lookups {
  const one = async (sql: string, value: unknown): Promise<string | null> => {
    const { rows } = await pool.query<{ id: string | null }>(sql, [value]);
    return rows[0]?.id ?? null;
  };
  const byHash = async (sql: string, hash: Uint8Array): Promise<Found | null> => {
    const { rows } = await pool.query<Found>(sql, [Buffer.from(hash)]);
    return rows[0] ?? null;
  };
  return {
    orgBySlug: (slug) => one(`SELECT sluice_org_by_slug($1) AS id`, slug),
    orgOfEnforcer: (enforcerId) => one(`SELECT sluice_org_of_enforcer($1) AS id`, enforcerId),
    orgIds: async () => {
      const { rows } = await pool.query<{ id: string }>(`SELECT id FROM sluice_org_ids() AS id`);
      return rows.map((row) => row.id);
    },
    authSession: (hash) => byHash(`SELECT org_id AS "orgId", id FROM sluice_auth_session_by_hash($1)`, hash),
    apiToken: (hash) => byHash(`SELECT org_id AS "orgId", id FROM sluice_api_token_by_hash($1)`, hash),
    enrolToken: (hash) => byHash(`SELECT org_id AS "orgId", id FROM sluice_enrol_token_by_hash($1)`, hash),
  };
}
