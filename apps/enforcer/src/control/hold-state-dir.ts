import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";

/** How often the directory is asked for: about a second, for one that is just being let go. */
const TRIES = 20;
const WAIT_MS = 50;

/** The directory is this process's until released or until the process ends, however it ends. */
export interface HeldDirectory {
  release(): Promise<void>;
}

/**
 * Keeps a second enforcer on the same machine away from a state directory: two would write one spool. Held by a socket
 * in Linux's abstract namespace, which the kernel frees when the process dies; nothing is left to clean up. (A child that
 * is just being spawned holds it too, until it runs its own program: hence the tries.) On other systems nothing is held.
 */
export async function holdStateDir(
  stateDir: string,
): Promise<Result<HeldDirectory, TaggedError<"control.state_dir_in_use">>> {
  if (process.platform !== "linux") return ok({ release: async () => undefined });
  const name = createHash("sha256").update(realpathSync(stateDir)).digest("hex").slice(0, 32);
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const server = await listen(`\0sluice-enforcer-${name}`);
    if (server !== undefined) {
      return ok({ release: () => new Promise((resolve) => server.close(() => resolve())) });
    }
    await sleep(WAIT_MS);
  }
  const text = `Another enforcer already runs with the state directory ${stateDir}.`;
  return err(taggedError("control.state_dir_in_use", text, { retry: "after-change" }));
}

function listen(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve) => {
    server.once("error", () => resolve(undefined)); // held by another: the caller tries again and says so
    server.listen(path, () => resolve(server.unref()));
  });
}
