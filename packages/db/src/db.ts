import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { type Prisma, PrismaClient } from "./generated/client.ts";
import { type Lookups, lookupsOn } from "./lookups.ts";

/** The tables of one org, inside one transaction. Valid only until the callback that received it ends. */
export type OrgTx = Prisma.TransactionClient;
/** A bare connection inside one transaction of one org: for ingestion and search, where Prisma costs three times more. */
export type OrgSql = Pick<pg.PoolClient, "query">;

/** The only way to data: every access is inside one org's scope, which the database enforces. */
export interface Db extends AsyncDisposable {
  /** One transaction scoped to the org; rolled back when the callback throws. At most `transactionMsMax`. */
  withOrg<T>(orgId: string, work: (tx: OrgTx) => Promise<T>): Promise<T>;
  /** The same over a bare connection. */
  withOrgSql<T>(orgId: string, work: (sql: OrgSql) => Promise<T>): Promise<T>;
  readonly lookups: Lookups;
  /** Creates the coming months' record partitions; returns how many were missing. */
  prepareRecordPartitions(monthsAhead: number): Promise<number>;
  /** Resolves when the database answers, rejects with the cause when it does not. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Bounds of a database handle. */
export interface DbOptions {
  /** connections at most */
  readonly connectionsMax?: number;
  readonly transactionMsMax?: number;
  /** told about idle connections that broke; the pool replaces them by itself */
  readonly onConnectionError?: (error: Error) => void;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Opens a pool to the control plane's database. Connects lazily; `ping` tells at start whether it is there. */
export function openDb(url: string, options: DbOptions = {}): Db {
  const timeoutMs = options.transactionMsMax ?? 15_000;
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connectionsMax ?? 10,
    connectionTimeoutMillis: 10_000,
    application_name: "sluice",
  });
  pool.on("error", (error) => options.onConnectionError?.(error));
  // The other formats quote the arguments, and with them the data, in error messages and so in the log.
  const base = new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: "minimal" });
  const close = async () => {
    await base.$disconnect();
    await pool.end();
  };
  return {
    withOrg: (orgId, work) =>
      base.$transaction(
        async (tx) => {
          await tx.$queryRaw`SELECT set_config('app.org_id', ${checkedOrgId(orgId)}, true)`;
          return work(tx);
        },
        { maxWait: 10_000, timeout: timeoutMs },
      ),
    withOrgSql: (orgId, work) => inTransaction(pool, checkedOrgId(orgId), timeoutMs, work),
    lookups: lookupsOn(pool),
    prepareRecordPartitions: async (monthsAhead) => {
      const { rows } = await pool.query<{ made: number }>("SELECT sluice_prepare_record_partitions($1) AS made", [
        monthsAhead,
      ]);
      return rows[0]?.made ?? 0;
    },
    ping: async () => void (await pool.query("SELECT 1")),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function checkedOrgId(orgId: string): string {
  if (!uuid.test(orgId)) throw new TypeError("an org id is a UUID");
  return orgId;
}

async function inTransaction<T>(
  pool: pg.Pool,
  orgId: string,
  timeoutMs: number,
  work: (sql: OrgSql) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(`BEGIN`);
    await client.query(`SELECT set_config('app.org_id', $1, true), set_config('statement_timeout', $2, true)`, [
      orgId,
      String(timeoutMs),
    ]);
    const value = await work(client);
    await client.query(`COMMIT`);
    return value;
  } catch (error) {
    // A connection whose rollback fails must not carry its transaction into the next borrower.
    broken = await client.query(`ROLLBACK`).then(
      () => undefined,
      (rollbackError: unknown) => (rollbackError instanceof Error ? rollbackError : new Error("rollback failed")),
    );
    throw error;
  } finally {
    client.release(broken);
  }
}
