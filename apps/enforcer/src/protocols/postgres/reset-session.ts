import type { TrustedQueries } from "./trusted-query.ts";

/** A server that does not answer within this is not waited for. */
const RESET_MS_MAX = 5_000;

/**
 * What of a session DISCARD ALL must have left as it is in a new one. Operators are qualified: RESET ALL brings back the
 * search_path of the startup packet, which may name a schema of the client's first.
 */
const CHECKS = {
  "session_user differs from the login": `SELECT (session_user OPERATOR(pg_catalog.<>) current_user)::pg_catalog.int4`,
  // values of settings that no extension has defined are emptied by RESET ALL and are not listed anywhere
  "settings are changed": `SELECT pg_catalog.count(*) FROM pg_catalog.pg_settings s
    WHERE s.source OPERATOR(pg_catalog.=) 'session'`,
  "prepared statements are left": "SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_statements",
  "cursors are open": "SELECT pg_catalog.count(*) FROM pg_catalog.pg_cursors c WHERE c.name OPERATOR(pg_catalog.<>) ''",
  "channels are listened to": "SELECT pg_catalog.count(*) FROM pg_catalog.pg_listening_channels()",
  "advisory locks are held": `SELECT pg_catalog.count(*) FROM pg_catalog.pg_locks l
    WHERE l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid() AND l.locktype OPERATOR(pg_catalog.=) 'advisory'`,
  "temporary objects are left": `SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c
    WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()`,
  "temporary functions are left": `SELECT pg_catalog.count(*) FROM pg_catalog.pg_proc p
    WHERE p.pronamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()`,
} as const;

const CHECK_QUERY = `SELECT ${Object.values(CHECKS)
  .map((query) => `(${query})`)
  .join(", ")}`;

/**
 * Brings a connection that has no transaction open back to the state of a new one (DISCARD ALL) and looks whether it is
 * there. Answers what is not as it should be, undefined when all is. Rejects when the server fails or takes more than 5 s.
 */
export async function resetSession(queries: TrustedQueries): Promise<string | undefined> {
  const timer = setTimeout(() => queries.destroy(), RESET_MS_MAX);
  try {
    await queries.query("DISCARD ALL");
    return await leftover(queries);
  } finally {
    clearTimeout(timer);
  }
}

/** What of a session is not as in a new one; undefined when all is. */
export async function leftover(queries: TrustedQueries): Promise<string | undefined> {
  const [row] = await queries.query(CHECK_QUERY);
  return Object.keys(CHECKS).find((_, at) => row?.[at] !== "0");
}
