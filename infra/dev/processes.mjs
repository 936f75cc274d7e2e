// Which processes belong to a state directory: one JSON file each under `run/`. Plain JavaScript without
// dependencies, so that `npm run down` works when node_modules is gone.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dataDirOf } from "./places.mjs";

const killAfterMs = 12_000;

/** The kernel's start time of a process (Linux), which tells a reused pid from the process that was started. */
export function startTimeOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/** Whether that very process still runs (a zombie does not). */
export function isAlive(record) {
  try {
    process.kill(record.pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
  if (!existsSync("/proc/self/stat")) return true;
  const now = startTimeOf(record.pid);
  if (now === undefined || (record.startTime !== undefined && now !== record.startTime)) return false;
  return !isZombie(record.pid);
}

/** Ended in all its threads: while one is left, the process still holds its files and ports. */
function isZombie(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat[stat.lastIndexOf(")") + 2] === "Z" && readdirSync(`/proc/${pid}/task`).length <= 1;
  } catch {
    return true; // it is gone altogether
  }
}

/** Notes a started process, so that `down` finds it whatever happens to its parent. */
export function noteProcess(stateDir, record) {
  const dir = join(stateDir, "run");
  mkdirSync(dir, { recursive: true });
  const path = join(dir, `${record.name}.json`);
  const full = { ...record, startTime: startTimeOf(record.pid) };
  writeFileSync(`${path}.new`, `${JSON.stringify(full)}\n`);
  renameSync(`${path}.new`, path);
  return full;
}

/** The noted process of that name, if it still runs. */
export function runningProcess(stateDir, name) {
  const record = readRecord(join(stateDir, "run", `${name}.json`));
  return record && isAlive(record) ? record : undefined;
}

/** Every noted process, dead or alive. */
export function notedProcesses(stateDir) {
  const dir = join(stateDir, "run");
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((file) => file.endsWith(".json"))
    .map((file) => readRecord(join(dir, file)))
    .filter((record) => record !== undefined);
}

/** Postgres servers whose note was lost: their own pid files tell. */
export function unnotedDatabases(stateDir) {
  const clusters = dataDirOf(stateDir);
  if (!existsSync(clusters)) return [];
  return readdirSync(clusters)
    .filter((name) => !existsSync(join(stateDir, "run", `${name}.json`)))
    .map((name) => ({ name, ...readPostmaster(join(clusters, name, "postmaster.pid")) }))
    .filter(({ pid }) => pid !== undefined)
    .map(({ name, pid, port }) => ({
      name,
      pid,
      port,
      startTime: startTimeOf(pid),
      stopSignal: "SIGINT",
      stopOrder: 2,
    }));
}

/** Asks a process to end, waits up to 12 s, then kills it. Returns how it ended. */
export async function stopProcess(stateDir, record) {
  let how = "was not running";
  if (isAlive(record)) {
    how = "stopped";
    signal(record.pid, record.stopSignal);
    const deadline = Date.now() + killAfterMs;
    while (isAlive(record) && Date.now() < deadline) await sleep(25);
    if (isAlive(record)) {
      how = "killed (it did not stop when asked)";
      signal(record.pid, "SIGKILL");
      while (isAlive(record) && Date.now() < deadline + 3000) await sleep(25);
    }
  }
  rmSync(join(stateDir, "run", `${record.name}.json`), { force: true });
  return how;
}

/** Stops everything that belongs to the state directory, group by group; `onStopped` is told of each. */
export async function stopAll(stateDir, onStopped = () => {}) {
  const records = [...notedProcesses(stateDir), ...unnotedDatabases(stateDir)];
  for (const order of [1, 2]) {
    const group = records.filter((record) => record.stopOrder === order);
    await Promise.all(group.map(async (record) => onStopped(record, await stopProcess(stateDir, record))));
  }
  return records.length;
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

function readPostmaster(path) {
  try {
    const [pid, , , port] = readFileSync(path, "utf8").split("\n").map(Number);
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("postgres") ? { pid, port } : {};
  } catch {
    return {}; // no such file or no such process: nothing runs
  }
}

function readRecord(path) {
  try {
    const record = JSON.parse(readFileSync(path, "utf8"));
    return Number.isInteger(record.pid) && record.pid > 1 ? record : undefined;
  } catch {
    return undefined; // missing or cut off by a crash: nothing that could be stopped
  }
}
