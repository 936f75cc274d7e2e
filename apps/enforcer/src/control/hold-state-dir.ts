import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { createServer } from "node:net";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";

/** The directory is this process's until released or until the process ends, however it ends. */
export interface HeldDirectory {
  release(): Promise<void>;
}

/**
 * Keeps a second enforcer on the same machine away from a state directory: two would write one spool. Held by a socket
 * in Linux's abstract namespace, which the kernel frees when the process dies; nothing is left to clean up. On other
 * systems nothing is held.
 */
export async function holdStateDir(
  stateDir: string,
): Promise<Result<HeldDirectory, TaggedError<"control.state_dir_in_use">>> {
  if (process.platform !== "linux") return ok({ release: async () => undefined });
  const name = createHash("sha256").update(realpathSync(stateDir)).digest("hex").slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  const held = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(`\0sluice-enforcer-${name}`, () => resolve(true));
  });
  if (!held) {
    const text = `Another enforcer already runs with the state directory ${stateDir}.`;
    return err(taggedError("control.state_dir_in_use", text, { retry: "after-change" }));
  }
  server.unref();
  return ok({ release: () => new Promise((resolve) => server.close(() => resolve())) });
}
