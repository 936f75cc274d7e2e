import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { type DevCa, devCa, serverCertificate } from "@sluice/infra/dev/certificates";
import { startPostgres } from "@sluice/infra/dev/postgres";
import { createShop, shopLogins } from "@sluice/infra/dev/shop";
import pg from "pg";
import { removedWhenWeEnd } from "../kit/removed-when-we-end.ts";
import type { Figure, Report } from "./figures.ts";
import {
  connects,
  forgetPeak,
  type Load,
  libpqEnv,
  pgbench,
  type ResidentMb,
  residentMb,
  rowsPerSecond,
} from "./postgres-measures.ts";
import { rowsAlone } from "./postgres-rows.ts";
import {
  directTarget,
  enforcerTarget,
  isInstalled,
  pgbouncerTarget,
  type Target,
  type Upstream,
  type Wire,
} from "./postgres-targets.ts";

const ROUNDS = 5;
const RULES = 1_000;
/**
 * pgbench's seconds run while it still connects, which takes many clients over TLS seconds: they get a count instead, large
 * enough that what a session's beginning costs (`connect`, `first_query_ms`) is not what is measured
 */
const EXTENTS = {
  c1: { seconds: 2 },
  c8: { seconds: 2 },
  c64: { transactions: 2_000 },
  simple: { seconds: 1 },
} as const;
/** Node compiles what runs often while it runs: figures are those of an enforcer that has served for a while. */
const WARM_SECONDS = 5;
const CLIENTS = [1, 8, 64] as const;
const CONNECTS = 15;
/** 1,000 customers a thousand times: six columns, two of them of data classes */
const LARGE = "SELECT c.id, c.name, c.email, c.phone, c.city, g.n FROM customers c, thousand g";

type Samples = Map<string, number[]>;

/**
 * `npm run bench -- postgres`: one enforcer beside PgBouncer in session mode and the server itself, over TLS and over plain
 * TCP, each against its like.
 */
export async function run(report: Report): Promise<void> {
  rowsAlone(report);
  if (!isInstalled("pgbench")) return console.error("postgres: only rows alone measured: pgbench is not installed");
  const stateDir = mkdtempSync(join(tmpdir(), "sluice-bench-postgres-"));
  const remove = removedWhenWeEnd(stateDir);
  const targets: Target[] = [];
  try {
    const ca = await devCa(join(stateDir, "ca"));
    const upstream = await startUpstream(stateDir, ca);
    const hasBouncer = isInstalled("pgbouncer");
    if (!hasBouncer) console.error("postgres: figures against PgBouncer are left out: pgbouncer is not installed");
    for (const wire of ["tls", "plain"] as const) {
      targets.push(directTarget(upstream, wire));
      if (hasBouncer) targets.push(await pgbouncerTarget(upstream, stateDir, ca, wire));
      targets.push(await enforcerTarget(upstream, stateDir, RULES, wire));
    }
    const samples: Samples = new Map();
    for (const target of targets) await pgbench(target, 8, { seconds: WARM_SECONDS });
    for (const { pid } of targets) forgetPeak(pid);
    for (let round = 0; round < ROUNDS; round++) await measure(round % 2 ? targets.toReversed() : targets, samples);
    for (const wire of ["tls", "plain"] as const) {
      const enforcer = targets.find((target) => target.name === "enforcer" && target.wire === wire);
      tell(report, samples, wire, residentMb(enforcer?.pid));
    }
  } finally {
    for (const target of targets) target.stop();
    await remove();
  }
}

async function startUpstream(stateDir: string, ca: DevCa): Promise<Upstream> {
  const secret = randomBytes(24).toString("base64url");
  const certificate = await serverCertificate(ca, "shop");
  const shop = await startPostgres({
    stateDir,
    name: "shop-database",
    password: secret,
    throwAway: true,
    certificate,
    alsoPlain: true,
  });
  await createShop(shop, secret);
  const { enforcer, owner } = shopLogins(secret);
  const { host, port } = shop;
  const { caFile } = ca;
  const env = libpqEnv({ ...owner, port, caFile, wire: "tls" });
  execFileSync("pgbench", ["-i", "-q", "-s", "1", "shop"], { env, stdio: "ignore" });
  const client = new pg.Client({ host, port, database: "shop", ...owner, ssl: { rejectUnauthorized: false } });
  await client.connect();
  await client.query("CREATE TABLE thousand AS SELECT n FROM generate_series(1, 1000) n");
  await client.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${enforcer.user}; ANALYZE`);
  await client.end();
  return { host, port, database: "shop", ...enforcer, caFile };
}

/** One round: every measure over every target in turn, so that a disturbance meets all of them. */
async function measure(targets: readonly Target[], samples: Samples): Promise<void> {
  const keep = (name: string, value: number) => samples.set(name, [...(samples.get(name) ?? []), value]);
  for (const clients of CLIENTS)
    for (const target of targets)
      keepLoad(keep, `${nameOf(target)}.c${clients}`, await pgbench(target, clients, EXTENTS[`c${clients}`]));
  for (const target of targets)
    keepLoad(keep, `${nameOf(target)}.simple`, await pgbench(target, 1, EXTENTS.simple, "simple"));
  for (const target of targets) keep(`${nameOf(target)}.rows`, await rowsPerSecond(target, LARGE));
  for (const target of targets) {
    const { connectMs, firstQueryMs } = await connects(target, CONNECTS);
    keep(`${nameOf(target)}.connect`, median(connectMs));
    keep(`${nameOf(target)}.first`, median(firstQueryMs));
  }
}

function nameOf({ name, wire }: Target): string {
  return `${wire}.${name}`;
}

function keepLoad(keep: (name: string, value: number) => void, name: string, load: Load): void {
  keep(`${name}.tps`, load.tps);
  keep(`${name}.ms`, load.latencyMs);
  if (load.cpuUs !== undefined) keep(`${name}.cpu`, load.cpuUs);
}

/** The figures of TLS bear the plain names; those of plain TCP end in `.plain`. */
function tell(report: Report, samples: Samples, wire: Wire, resident: ResidentMb): void {
  const of = (name: string) => median(samples.get(`${wire}.${name}`) ?? []);
  const hasBouncer = samples.has(`${wire}.pgbouncer.rows`);
  const context = { rounds: ROUNDS, extents: EXTENTS, wire, rules: RULES, load: loadavg().map(rounded) };
  const say = (name: string, value: number, unit: string, better: Figure["better"], more: object = {}) => {
    if (!Number.isFinite(value)) return console.error(`postgres.${name}: left out: a run ended without a transaction`);
    const full = wire === "tls" ? `postgres.${name}` : `postgres.${name}.plain`;
    report({ name: full, value: rounded(value), unit, better, context: { ...context, ...more } });
  };
  const beside = (name: string) => ({
    direct: rounded(of(`direct.${name}`)),
    ...(hasBouncer ? { pgbouncer: rounded(of(`pgbouncer.${name}`)) } : {}),
    enforcer: rounded(of(`enforcer.${name}`)),
  });
  // within a round both meet the same machine, which may be another one a minute later
  const ratios = (name: string) => {
    const bouncer = samples.get(`${wire}.pgbouncer.${name}`) ?? [];
    return (samples.get(`${wire}.enforcer.${name}`) ?? []).map(
      (value, round) => value / (bouncer[round] ?? Number.NaN),
    );
  };
  if (hasBouncer) {
    const added = (name: string) => of(`${name}.c1.ms`) - of("direct.c1.ms");
    say("added_ratio_vs_pgbouncer.c1", added("enforcer") / added("pgbouncer"), "ratio", "lower", beside("c1.ms"));
    for (const clients of ["c8", "c64"]) {
      const rounds = ratios(`${clients}.tps`);
      const more = { ...beside(`${clients}.tps`), ratios: rounds.map(rounded) };
      say(`tps_ratio_vs_pgbouncer.${clients}`, median(rounds), "ratio", "higher", more);
    }
    say("rows_ratio_vs_pgbouncer", median(ratios("rows")), "ratio", "higher", beside("rows"));
  }
  const bouncerCpu = hasBouncer ? { pgbouncer: rounded(of("pgbouncer.c8.cpu")) } : {};
  say("cpu_us_per_exchange.c8", of("enforcer.c8.cpu"), "us", "lower", bouncerCpu);
  say("simple_ms.c1", of("enforcer.simple.ms"), "ms", "lower", beside("simple.ms"));
  const ending = { ownMb: rounded(resident.own), ofFilesMb: rounded(resident.ofFiles) };
  say("rss_mb", resident.peak, "MB", "lower", { sessions: Math.max(...CLIENTS), ending });
  say("connect_ratio_vs_direct", of("direct.connect") / of("enforcer.connect"), "ratio", "higher", beside("connect"));
  say("first_query_ms", of("enforcer.first"), "ms", "lower", beside("first"));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
