import { join } from "node:path";
import { migrate } from "@sluice/db/migrate";
import { buildConsole, generateClient } from "./build.ts";
import { devCa, serverCertificate } from "./certificates.ts";
import { ensureControlDatabase, ensureShop } from "./databases.ts";
import { demoPeople } from "./demo.ts";
import { demoRequest } from "./demo-request.ts";
import { ensureRedis } from "./ensure-redis.ts";
import { reasonOf, UpFailure } from "./failure.ts";
import { runningProcess } from "./processes.mjs";
import type { Progress } from "./progress.ts";
import { type Provisioned, provision } from "./provision.ts";
import { ensureService, lastLines } from "./service.ts";
import {
  addressesOf,
  consoleEnv,
  describeServices,
  oidcClientId,
  oidcSettings,
  type StackContext,
} from "./services.ts";
import { loadSettings, writePrivate } from "./settings.ts";
import { shopLogins } from "./shop.ts";
import { postgresClientUrl, type UpFile, writeUpFile } from "./up-file.ts";

/** What a stack is started with. */
export interface StackOptions {
  /** the checkout */
  readonly root: string;
  /** holds everything that the stack writes */
  readonly stateDir: string;
  readonly progress: Progress;
  /** DATABASE_URL and REDIS_URL are taken from here */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** for tests: ports that nobody prefers, databases without fsync */
  readonly throwAway?: boolean;
}

/**
 * Brings everything up, whatever already runs: databases, migrations, build, the demo org, all processes. Returns what
 * it wrote to up.json once all of them serve. Throws an UpFailure that says what to do.
 */
export async function startStack(options: StackOptions): Promise<UpFile> {
  const { root, stateDir, progress } = options;
  await progress.step(
    "Database client",
    (hint) => generateClient(root, hint),
    (made) => `Database client ${made ? "generated" : "is current"}`,
  );
  await progress.step(
    "Console",
    (hint) => buildConsole(root, hint),
    (made) => `Console ${made ? "built" : "build is current"}`,
  );
  const context = await startFoundation(options);
  await progress.step("Database migrations", () => migrateDatabase(context.ownerUrl));
  const services = describeServices(context);
  writePrivate(join(stateDir, "oidc.json"), oidcSettings(context));
  await progress.step("Identity provider", () => ensureService(stateDir, services.oidc));
  const enrol = runningProcess(stateDir, "enforcer") === undefined;
  const provisioned = await progress.step("Demo org Acme", () =>
    provision(
      root,
      { ...consoleEnv(context), DATABASE_OWNER_URL: context.ownerUrl },
      demoRequest({ context, oidcClientId, enrol }),
    ),
  );
  const { enrolToken } = provisioned;
  const enforcer = enrolToken
    ? { ...services.enforcer, startEnv: { SLUICE_ENROL_TOKEN: enrolToken } }
    : services.enforcer;
  for (const service of [services.control, services.worker, services.web, enforcer]) {
    await progress.step(
      `Process ${service.name}`,
      () => ensureService(stateDir, service),
      (how) => `Process ${service.name} ${how === "kept" ? "runs" : "started"}`,
    );
  }
  for (const { name } of Object.values(services)) assertRuns(stateDir, name);
  const file = upFileOf(context, provisioned);
  writeUpFile(stateDir, file);
  return file;
}

/** Starts one process of a stack that was up before, and what it needs below it, but none of its neighbours. */
export async function startOne(options: StackOptions, name: keyof ReturnType<typeof describeServices>): Promise<void> {
  const services = describeServices(await startFoundation(options));
  await ensureService(options.stateDir, services[name]);
}

/** Ports, certificates, Redis and both databases. */
async function startFoundation(options: StackOptions): Promise<StackContext> {
  const { root, stateDir, progress, environment, throwAway = false } = options;
  const people = demoPeople.map(({ handle }) => handle);
  const settings = await loadSettings(stateDir, { people, anyPort: throwAway, note: progress.note });
  const ca = await devCa(join(stateDir, "ca"));
  const certificates = {
    control: await serverCertificate(ca, "control"),
    listener: await serverCertificate(ca, "listener"),
  };
  const redis = await progress.step(
    "Redis",
    (hint) => ensureRedis({ stateDir, given: environment.REDIS_URL, preferredPort: settings.ports.redis, hint }),
    ({ url }) => `Redis on ${new URL(url).host}`,
  );
  const control = await progress.step(
    "Postgres for the control plane",
    () => ensureControlDatabase(stateDir, settings, { given: environment.DATABASE_URL, throwAway }),
    ({ ownerUrl }) => `Postgres for the control plane on ${new URL(ownerUrl).host}`,
  );
  const shop = await progress.step(
    "Demo upstream shop",
    () => ensureShop(stateDir, settings, { ca, throwAway }),
    ({ port }) => `Demo upstream shop on 127.0.0.1:${port}`,
  );
  return { root, stateDir, settings, ca, certificates, redisUrl: redis.url, shop, ...control };
}

/** A process without a port of its own may have died just after it was started. */
function assertRuns(stateDir: string, name: string): void {
  if (runningProcess(stateDir, name) !== undefined) return;
  const log = join(stateDir, "logs", `${name}.log`);
  throw new UpFailure(`${name} ended soon after it was started`, `Its log is ${log}`, { detail: lastLines(log, 0) });
}

async function migrateDatabase(ownerUrl: string): Promise<void> {
  try {
    await migrate(ownerUrl);
  } catch (error) {
    throw new UpFailure(
      `The control plane's database could not be migrated: ${reasonOf(error)}`,
      "If it is your own database, check that its user may create tables and roles; else `npm run up -- --fresh` starts over.",
      { cause: error },
    );
  }
}

function upFileOf({ settings, ca, shop }: StackContext, provisioned: Provisioned): UpFile {
  const addresses = addressesOf(settings);
  const logins = shopLogins(settings.secrets.databases);
  const through = (user: string, password: string) =>
    postgresClientUrl({ user, password, port: settings.ports.shop, database: "shop", caFile: ca.caFile });
  const holders = Object.entries({ ...provisioned.people, ...provisioned.agents });
  return {
    consoleUrl: addresses.console,
    apiUrl: `${addresses.console}/api/v1`,
    controlUrl: addresses.control,
    slackUrl: null,
    people: Object.fromEntries(
      demoPeople.map(({ handle, email }) => [
        handle,
        { email, password: settings.passwords[handle] ?? "", apiToken: provisioned.people[handle]?.apiToken ?? "" },
      ]),
    ),
    agents: Object.fromEntries(
      Object.entries(provisioned.agents).map(([name, { id, accessToken }]) => [name, { id, token: accessToken }]),
    ),
    resources: {
      shop: {
        kind: "postgres",
        urls: Object.fromEntries(holders.map(([name, { accessToken }]) => [name, through(name, accessToken)])),
        directUrl: postgresClientUrl({ ...logins.owner, port: shop.port, database: "shop", caFile: ca.caFile }),
      },
    },
  };
}
