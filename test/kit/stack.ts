import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, runningProcess } from "@sluice/infra/dev/processes";
import { createProgress } from "@sluice/infra/dev/progress";
import { startOne, startStack } from "@sluice/infra/dev/stack";
import type { UpFile } from "@sluice/infra/dev/up-file";
import { removedWhenWeEnd } from "./removed-when-we-end.ts";

const root = resolve(import.meta.dirname, "../..");

/** The processes of a stack that a test may kill. */
export type StackProcess = "web" | "control" | "worker" | "enforcer" | "redis";

/** The whole of Sluice on free ports in an own directory, as `npm run up` starts it. */
export interface TestStack {
  readonly stateDir: string;
  /** what up.json holds */
  readonly file: UpFile;
  /** `up` once more: starts what died */
  up(): Promise<UpFile>;
  /** Starts that one and none of the others. */
  start(name: Exclude<StackProcess, "redis">): Promise<void>;
  /** SIGKILL, and gone */
  kill(name: StackProcess): Promise<void>;
  /** Stops all of it and deletes its files. */
  remove(): Promise<void>;
}

/** Starts a stack. Whatever ends this process, the stack ends with it. */
export async function startTestStack(): Promise<TestStack> {
  const stateDir = mkdtempSync(join(tmpdir(), "sluice-stack-"));
  const remove = removedWhenWeEnd(stateDir);
  const options = { root, stateDir, progress: createProgress({ quiet: true }), environment: {}, throwAway: true };
  const up = () => startStack(options);
  try {
    const file = await up();
    const start: TestStack["start"] = (name) => startOne(options, name);
    return { stateDir, file, up, start, remove, kill: (name) => killProcess(stateDir, name) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** What a process of the stack logged, to say more when a test fails. */
export function logOf(stateDir: string, name: StackProcess): string {
  return readFileSync(join(stateDir, "logs", `${name}.log`), "utf8");
}

async function killProcess(stateDir: string, name: StackProcess): Promise<void> {
  const record = runningProcess(stateDir, name);
  if (!record) throw new Error(`${name} does not run`);
  process.kill(record.pid, "SIGKILL");
  while (isAlive(record)) await sleep(10);
}
