import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { openSchemaEngine } from "./schema-engine.ts";

const migrationsDir = fileURLToPath(new URL("../../../prisma/migrations", import.meta.url));

/** What `migrate` did. */
export interface MigrateReport {
  /** names of the migrations that this call applied; empty when the database was current */
  readonly applied: readonly string[];
}

/**
 * Brings a database to the newest migration with Prisma's schema engine (as WebAssembly, so no download) and keeps the
 * standard `_prisma_migrations` table. Each migration is one transaction; calling it again does nothing. Needs a role
 * that may create tables and roles. Throws when the database is unreachable, a migration fails, or an applied one was
 * edited since.
 */
export async function migrate(ownerUrl: string, log: (line: string) => void = () => undefined): Promise<MigrateReport> {
  const migrationsList = await readMigrations(migrationsDir);
  return alone(ownerUrl, () => bringUp(ownerUrl, migrationsList, log));
}

type Migrations = Awaited<ReturnType<typeof readMigrations>>;

async function bringUp(
  ownerUrl: string,
  migrationsList: Migrations,
  log: (line: string) => void,
): Promise<MigrateReport> {
  const filters = { externalTables: [], externalEnums: [] };
  const { engine, close } = await openSchemaEngine(ownerUrl);
  try {
    const state = await engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters });
    if (state.editedMigrationNames.length > 0) {
      throw new Error(`migrations were edited after they had been applied: ${state.editedMigrationNames.join(", ")}`);
    }
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters });
    for (const name of appliedMigrationNames) log(`applied migration ${name}`);
    if (appliedMigrationNames.length === 0) log("database is current");
    return { applied: appliedMigrationNames };
  } finally {
    await close();
  }
}

/** Two processes may start together on an empty database: the second waits, then finds nothing to do. */
async function alone<T>(ownerUrl: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock(hashtext('sluice_migrate'))");
    return await work();
  } finally {
    await client.end();
  }
}

async function readMigrations(baseDir: string) {
  const entries = await readdir(baseDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrationDirectories = await Promise.all(
    names.sort().map(async (path) => ({
      path,
      migrationFile: {
        path: "migration.sql",
        content: { tag: "ok" as const, value: await readFile(join(baseDir, path, "migration.sql"), "utf8") },
      },
    })),
  );
  const lockfile = {
    path: "migration_lock.toml",
    content: await readFile(join(baseDir, "migration_lock.toml"), "utf8"),
  };
  return { baseDir, lockfile, shadowDbInitScript: "", migrationDirectories };
}
