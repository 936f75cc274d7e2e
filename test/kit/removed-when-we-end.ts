import { spawn } from "node:child_process";
import { resolve } from "node:path";

/**
 * Stops and deletes what belongs to a directory when the returned function is called, or when this process ends in any
 * way at all: the helper's standard input then ends.
 */
export function removedWhenWeEnd(stateDir: string): () => Promise<void> {
  const script = resolve(import.meta.dirname, "../../infra/dev/down.mjs");
  const helper = spawn(process.execPath, [script, "--state", stateDir, "--remove", "--quiet", "--when-stdin-ends"], {
    detached: true,
    stdio: ["pipe", "ignore", "inherit"],
  });
  helper.unref();
  const ended = new Promise<void>((done) => helper.once("exit", () => done()));
  return async () => {
    helper.ref();
    helper.stdin.end();
    await ended;
  };
}
