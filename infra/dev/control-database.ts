import pg from "pg";
import { type PostgresServer, postgresUrl } from "./postgres.ts";

/** How the console's processes reach their database: the owner migrates, the application's role cannot pass row-level security. */
export interface ControlDatabase {
  readonly ownerUrl: string;
  readonly appUrl: string;
}

const ownerRole = "sluice_owner";
const appRole = "sluice_app";

/** Creates the control plane's roles and its empty database on an own cluster; does nothing when they are there. */
export async function createControlDatabase(
  server: PostgresServer,
  passwords: { readonly owner: string; readonly app: string },
): Promise<ControlDatabase> {
  const client = new pg.Client({ connectionString: postgresUrl(server, "postgres"), connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await ensureRole(client, ownerRole, "LOGIN CREATEROLE", passwords.owner);
    await ensureRole(client, appRole, "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE", passwords.app);
    await client.query(`GRANT ${appRole} TO ${ownerRole} WITH ADMIN OPTION`);
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = 'sluice'");
    if (!rowCount) await client.query(`CREATE DATABASE sluice OWNER ${ownerRole}`);
  } finally {
    await client.end();
  }
  return {
    ownerUrl: postgresUrl(server, "sluice", { name: ownerRole, password: passwords.owner }),
    appUrl: postgresUrl(server, "sluice", { name: appRole, password: passwords.app }),
  };
}

/**
 * Gives a database that somebody else runs the application's role, and returns both URLs. `ownerUrl` must be allowed to
 * create roles; without that right the error says what a database administrator has to run.
 */
export async function adoptControlDatabase(ownerUrl: string, appPassword: string): Promise<ControlDatabase> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await ensureRole(client, appRole, "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE", appPassword);
  } finally {
    await client.end();
  }
  const appUrl = new URL(ownerUrl);
  appUrl.username = appRole;
  appUrl.password = encodeURIComponent(appPassword);
  return { ownerUrl, appUrl: appUrl.href };
}

async function ensureRole(client: pg.Client, role: string, attributes: string, password: string): Promise<void> {
  const { rowCount } = await client.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [role]);
  const literal = pg.escapeLiteral(password);
  await client.query(`${rowCount ? "ALTER" : "CREATE"} ROLE ${role} ${attributes} PASSWORD ${literal}`);
}
