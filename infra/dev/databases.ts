import type { DevCa } from "./certificates.ts";
import { serverCertificate } from "./certificates.ts";
import { adoptControlDatabase, type ControlDatabase, createControlDatabase } from "./control-database.ts";
import { reasonOf, UpFailure } from "./failure.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";
import type { UpSettings } from "./settings.ts";
import { createShop } from "./shop.ts";

/** The control plane's database: the one that `given` (DATABASE_URL) names, else an own embedded Postgres. */
export async function ensureControlDatabase(
  stateDir: string,
  settings: UpSettings,
  options: { readonly given: string | undefined; readonly throwAway: boolean },
): Promise<ControlDatabase> {
  const { secrets, ports } = settings;
  if (options.given) return adopt(options.given, secrets.app);
  const server = await own({
    stateDir,
    name: "control-database",
    password: secrets.databases,
    preferredPort: ports.controlDatabase,
    throwAway: options.throwAway,
  });
  return createControlDatabase(server, { owner: secrets.owner, app: secrets.app });
}

/** The demo upstream with its roles and rows, behind verified TLS. */
export async function ensureShop(
  stateDir: string,
  settings: UpSettings,
  options: { readonly ca: DevCa; readonly throwAway: boolean },
): Promise<PostgresServer> {
  const server = await own({
    stateDir,
    name: "shop-database",
    password: settings.secrets.databases,
    preferredPort: settings.ports.shopDatabase,
    throwAway: options.throwAway,
    certificate: await serverCertificate(options.ca, "shop-database"),
  });
  await createShop(server, settings.secrets.databases);
  return server;
}

async function own(options: Parameters<typeof startPostgres>[0]): Promise<PostgresServer> {
  try {
    return await startPostgres(options);
  } catch (error) {
    const next = `Read its log in ${options.stateDir}/logs; \`npm run up -- --fresh\` starts over with an empty one.`;
    throw new UpFailure(`Postgres (${options.name}) cannot be used: ${reasonOf(error)}`, next, { cause: error });
  }
}

async function adopt(url: string, appPassword: string): Promise<ControlDatabase> {
  try {
    return await adoptControlDatabase(url, appPassword);
  } catch (error) {
    throw new UpFailure(
      `DATABASE_URL cannot be used: ${reasonOf(error)}`,
      "Start that server, give a user who may create tables and roles, or unset DATABASE_URL: then an embedded Postgres is used.",
      { cause: error },
    );
  }
}
