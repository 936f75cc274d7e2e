import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf, UpFailure } from "./failure.ts";
import { portIsFree } from "./ports.ts";
import { isAlive, noteProcess, type ProcessRecord, runningProcess, stopProcess } from "./processes.mjs";

const readyTimeoutMs = 90_000;
const logLinesShown = 15;

/** One of our own processes, as it shall run. */
export interface Service {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** given when it starts, without being a reason to start it anew (one-time tokens) */
  readonly startEnv?: Readonly<Record<string, string>>;
  /** of its code: a change restarts it */
  readonly codeDigest: string;
  /** must be free before it starts */
  readonly port?: number;
  /** undefined when it serves, else what is still missing */
  readonly ready: () => Promise<string | undefined>;
}

/** Whether the service was running already, or had to be started. */
export type ServiceOutcome = "kept" | "started";

/**
 * Makes sure that the service runs as described and serves; a process with other settings or older code is replaced.
 * Its output goes to `logs/<name>.log`. Throws an UpFailure with the end of that log.
 */
export async function ensureService(stateDir: string, service: Service): Promise<ServiceOutcome> {
  const fingerprint = fingerprintOf(service);
  const running = runningProcess(stateDir, service.name);
  if (running?.fingerprint === fingerprint && (await becomesReady(service, running, 5000)) === undefined) return "kept";
  if (running) await stopProcess(stateDir, running);
  if (service.port !== undefined && !(await portIsFree(service.port))) {
    throw new UpFailure(
      `Port ${service.port}, which ${service.name} needs, is used by another program`,
      `Stop that program (\`ss -ltnp | grep ${service.port}\` shows it) and run \`npm run up\` again.`,
    );
  }
  const log = logOf(stateDir, service.name);
  const { record, ended } = launch(stateDir, service, fingerprint, log.path);
  const missing = await becomesReady(service, record, readyTimeoutMs, ended);
  if (missing === undefined) return "started";
  throw new UpFailure(`${service.name} did not start: ${missing}`, `Its log is ${log.path}`, {
    detail: lastLines(log.path, log.size),
  });
}

/** Something listens there. */
export function portAnswers(port: number, host = "127.0.0.1"): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const done = (reason?: string) => {
      socket.destroy();
      resolve(reason);
    };
    socket.setTimeout(2000, () => done(`nothing answers on port ${port}`));
    socket.once("connect", () => done());
    socket.once("error", (error) => done(reasonOf(error)));
  });
}

/** The page answers with something below 500. */
export async function pageAnswers(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(20_000) });
    await response.body?.cancel();
    return response.status < 500 ? undefined : `${url} answers ${response.status}`;
  } catch (error) {
    return reasonOf(error);
  }
}

function fingerprintOf(service: Service): string {
  const { command, args, cwd, env, codeDigest } = service;
  return createHash("sha256").update(JSON.stringify({ command, args, cwd, env, codeDigest })).digest("hex");
}

function launch(stateDir: string, service: Service, fingerprint: string, logPath: string) {
  const log = openSync(logPath, "a", 0o600);
  const child: ChildProcess = spawn(service.command, service.args, {
    cwd: service.cwd,
    env: { ...service.env, ...service.startEnv },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(reasonOf(error)));
    child.once("exit", (code, signal) => resolve(`it ended with ${signal ?? `status ${code}`}`));
  });
  child.unref();
  const { name } = service;
  if (child.pid === undefined)
    throw new UpFailure(`${name} could not be started`, `Check that ${service.command} exists.`);
  const record: ProcessRecord = { name, pid: child.pid, stopSignal: "SIGTERM", stopOrder: 1, fingerprint };
  return {
    record: noteProcess(stateDir, service.port === undefined ? record : { ...record, port: service.port }),
    ended,
  };
}

async function becomesReady(service: Service, record: ProcessRecord, timeoutMs: number, ended?: Promise<string>) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const missing = await service.ready();
    if (!isAlive(record)) return (await Promise.race([ended, sleep(200)])) ?? "it ended";
    if (missing === undefined || Date.now() > deadline) return missing;
    await sleep(100);
  }
}

function logOf(stateDir: string, name: string) {
  const dir = join(stateDir, "logs");
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, `${name}.log`);
  return { path, size: statSync(path, { throwIfNoEntry: false })?.size ?? 0 };
}

/** The end of a log, of what was written from that byte on. */
export function lastLines(path: string, from: number): string {
  return readFileSync(path).subarray(from).toString("utf8").trimEnd().split("\n").slice(-logLinesShown).join("\n");
}
