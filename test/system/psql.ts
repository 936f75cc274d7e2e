import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

const endTimeoutMs = 45_000;

/** A psql that runs one command, as a person would start it. */
export interface PsqlRun {
  /** standard output and standard error so far */
  output(): string;
  /** Waits until the output matches; throws with the output when psql ends or 15 s pass before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Its exit status and everything it printed. */
  ended(): Promise<{ status: number; output: string }>;
  /** As Ctrl-C. */
  interrupt(): void;
}

/** Starts plain psql with an address of up.json, errors with their SQLSTATE, nothing of the machine's own settings. */
export function psql(url: string, sql: string): PsqlRun {
  const args = ["-X", "-v", "VERBOSITY=verbose", "-v", "ON_ERROR_STOP=1", url, "-c", sql];
  const child: ChildProcess = spawn("psql", args, {
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", LC_ALL: "C.UTF-8", PAGER: "cat" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  let status: number | undefined;
  const closed = new Promise<void>((resolve, reject) => {
    child.once("error", (error) =>
      reject(new Error("psql is not installed (apt-get install postgresql-client)", { cause: error })),
    );
    child.once("close", (code, signal) => {
      status = code ?? (signal ? 128 : 1);
      resolve();
    });
  });
  return {
    output: () => output,
    interrupt: () => void child.kill("SIGINT"),
    async until(pattern) {
      for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(20)) {
        const match = pattern.exec(output);
        if (match) return match;
        if (status !== undefined) break;
      }
      throw new Error(`psql did not print ${pattern}:\n${output}`);
    },
    async ended() {
      const timer = setTimeout(() => child.kill("SIGKILL"), endTimeoutMs);
      await closed.finally(() => clearTimeout(timer));
      return { status: status ?? 1, output };
    },
  };
}

/** Runs psql to its end. */
export function runPsql(url: string, sql: string): Promise<{ status: number; output: string }> {
  return psql(url, sql).ended();
}
