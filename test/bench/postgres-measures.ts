import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { promisify } from "node:util";
import pg from "pg";
import * as encode from "../../apps/enforcer/src/protocols/postgres/codec/encode.ts";
import { FrameReader } from "../../apps/enforcer/src/protocols/postgres/codec/frame-reader.ts";
import type { Target } from "./postgres-targets.ts";

const run = promisify(execFile);
/** USER_HZ of Linux: the unit of /proc/<pid>/stat's times (proc(5)). */
const TICKS_PER_S = 100;
const RUN_MS_MAX = 60_000;
const DATA_ROW = 0x44;
const READY = 0x5a;

/** What one run of pgbench said. */
export interface Load {
  readonly tps: number;
  readonly latencyMs: number;
  /** of the process between client and server; undefined where there is none */
  readonly cpuUs: number | undefined;
}

/** How long a run lasts: so many seconds, or so many transactions of each client. */
export type Extent = { readonly seconds: number } | { readonly transactions: number };

/** `pgbench -S` with so many clients. */
export async function pgbench(target: Target, clients: number, extent: Extent, mode = "prepared"): Promise<Load> {
  const before = processorUs(target.pid);
  const length = "seconds" in extent ? ["-T", String(extent.seconds)] : ["-t", String(extent.transactions)];
  const flags = ["-S", "-n", "-M", mode, "-c", String(clients), "-j", "1", ...length, "shop"];
  const { stdout } = await run("pgbench", flags, { env: libpqEnv(target), timeout: RUN_MS_MAX });
  const after = processorUs(target.pid);
  const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1]);
  const count = number(/actually processed: (\d+)/);
  return {
    tps: number(/tps = ([\d.]+)/),
    latencyMs: number(/latency average = ([\d.]+)/),
    cpuUs: before === undefined || after === undefined ? undefined : (after - before) / count,
  };
}

/** How libpq programs reach a target. */
export function libpqEnv(target: Omit<Target, "name" | "pid" | "stop">): NodeJS.ProcessEnv {
  const { caFile, password, port, user, wire } = target;
  return {
    PATH: process.env.PATH,
    LC_ALL: "C.UTF-8",
    PGHOST: "localhost",
    PGHOSTADDR: "127.0.0.1",
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    ...(wire === "tls" ? { PGSSLMODE: "verify-full", PGSSLROOTCERT: caFile } : { PGSSLMODE: "disable" }),
    PGGSSENCMODE: "disable",
  };
}

/** Rows a second of one large answer, read but not decoded. */
export async function rowsPerSecond(target: Target, sql: string): Promise<number> {
  const client = clientOf(target);
  await client.connect();
  const stream: unknown = Reflect.get(Object(Reflect.get(client, "connection")), "stream");
  if (!(stream instanceof Socket)) throw new Error("this pg keeps its socket elsewhere");
  stream.removeAllListeners("data");
  const reader = new FrameReader(1 << 26);
  const startedMs = performance.now();
  const rows = await new Promise<number>((resolve, reject) => {
    let count = 0;
    stream.on("error", reject).on("data", (chunk: Buffer) => {
      reader.push(chunk);
      while (reader.next()) {
        if (reader.type === DATA_ROW) count++;
        else if (reader.type === READY) resolve(count);
      }
    });
    stream.write(encode.query(sql));
  });
  const seconds = (performance.now() - startedMs) / 1_000;
  stream.destroy();
  return rows / seconds;
}

/** Connects over TLS with authentication, asks once, closes; milliseconds each. */
export async function connects(
  target: Target,
  count: number,
): Promise<{ connectMs: number[]; firstQueryMs: number[] }> {
  const connectMs: number[] = [];
  const firstQueryMs: number[] = [];
  for (let done = 0; done < count; done++) {
    const startedMs = performance.now();
    const client = clientOf(target);
    await client.connect();
    connectMs.push(performance.now() - startedMs);
    await client.query("SELECT id FROM orders WHERE id = 1");
    firstQueryMs.push(performance.now() - startedMs);
    await client.end();
  }
  return { connectMs, firstQueryMs };
}

/** Forgets a process's peak of memory (proc(5), clear_refs). */
export function forgetPeak(pid: number | undefined): void {
  if (pid !== undefined) writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** A process's resident memory in MB (proc(5), status). */
export interface ResidentMb {
  /** since it was forgotten */
  readonly peak: number;
  /** at the moment: what it wrote itself, and what it shares with the files of its programs */
  readonly own: number;
  readonly ofFiles: number;
}

/** What of a process is resident. */
export function residentMb(pid: number | undefined): ResidentMb {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1_024;
  return { peak: mb("VmHWM"), own: mb("RssAnon"), ofFiles: mb("RssFile") };
}

function processorUs(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // fields 14 and 15, counted after the name in brackets
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / TICKS_PER_S;
}

function clientOf({ caFile, password, port, user, wire }: Target): pg.Client {
  const ssl = wire === "tls" && { ca: readFileSync(caFile, "utf8"), servername: "localhost" };
  const client = new pg.Client({ host: "127.0.0.1", port, database: "shop", user, password, ssl });
  client.on("error", () => undefined); // the socket is cut after the large answer
  return client;
}
