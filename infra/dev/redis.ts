import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { reasonOf } from "./failure.ts";
import { freePort } from "./ports.ts";
import { noteProcess, runningProcess, stopProcess } from "./processes.mjs";

const startTimeoutMs = 15_000;

/** The local server program, if this machine has one. */
export function findRedis(): string | undefined {
  const candidates = ["redis-server", "valkey-server", "/usr/bin/redis-server", "/usr/sbin/redis-server"];
  return candidates.find((name) => spawnSync(name, ["--version"], { stdio: "ignore", timeout: 5000 }).status === 0);
}

/** Starts Redis (or Valkey) on 127.0.0.1, or finds it running. It keeps nothing on disk: it is a transport. */
export async function startRedis(stateDir: string, program: string, preferredPort?: number): Promise<{ url: string }> {
  const running = runningProcess(stateDir, "redis");
  if (running?.port !== undefined && (await redisAnswers("127.0.0.1", running.port)) === undefined) {
    return { url: `redis://127.0.0.1:${running.port}` };
  }
  if (running) await stopProcess(stateDir, running);
  const port = await freePort(preferredPort);
  const dirs = { logs: join(stateDir, "logs"), data: join(stateDir, "redis") };
  for (const dir of Object.values(dirs)) mkdirSync(dir, { recursive: true, mode: 0o700 });
  const logFile = join(dirs.logs, "redis.log");
  const log = openSync(logFile, "a", 0o600);
  const flags = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dirs.data];
  const child = spawn(program, [...flags, "--maxmemory-policy", "noeviction"], {
    detached: true,
    stdio: ["ignore", log, log],
  });
  const failed = new Promise<Error>((resolve) => {
    child.once("error", resolve);
    child.once("exit", (code) => resolve(new Error(`${program} ended at once with status ${code}`)));
  });
  child.unref();
  if (child.pid !== undefined) {
    noteProcess(stateDir, { name: "redis", pid: child.pid, port, stopSignal: "SIGTERM", stopOrder: 2 });
  }
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    const reason = await redisAnswers("127.0.0.1", port);
    if (reason === undefined) return { url: `redis://127.0.0.1:${port}` };
    const failure = await Promise.race([failed, sleep(25)]);
    if (failure !== undefined || Date.now() > deadline) {
      throw new Error(`Redis did not start on port ${port} (${reason}): see ${logFile}`, { cause: failure });
    }
  }
}

/** How a server wants to be spoken to. */
export interface RedisAccess {
  /** password, or user and password */
  readonly credentials?: readonly string[] | undefined;
  readonly tls?: boolean;
}

/** Speaks PING to a server; undefined when it answers, else why not in a few words. Waits at most 3 s. */
export function redisAnswers(host: string, port: number, access: RedisAccess = {}): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = access.tls ? connectTls({ host, port, servername: host }) : connect({ host, port });
    const done = (reason?: string) => {
      socket.destroy();
      resolve(reason);
    };
    let seen = "";
    socket.setTimeout(3000, () => done("it accepts the connection but does not answer PING like Redis does"));
    socket.once("error", (error) => done(reasonOf(error)));
    socket.once("close", () => done("it closed the connection"));
    const commands = [...(access.credentials ? [["AUTH", ...access.credentials]] : []), ["PING"]];
    socket.once(access.tls ? "secureConnect" : "connect", () => socket.write(commands.map(encode).join("")));
    socket.on("data", (chunk) => {
      seen += chunk.toString("latin1");
      if (seen.includes("+PONG")) done();
      else if (/^-|\n-/.test(seen)) done(seen.trim().slice(0, 200));
      else if (seen.length > 1000) done("it does not speak Redis");
    });
  });
}

/** RESP2 array of bulk strings: words may hold any bytes. */
function encode(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}
