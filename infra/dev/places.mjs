// Where databases keep their files. Postgres refuses to run as root, so for root it runs as another user, who must be
// able to reach the directory: a checkout below /root (mode 700) cannot hold it.
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const systemDir = "/var/lib/sluice";

/** Whether any user of the machine may reach what is in this directory. */
export function reachableByOthers(path) {
  for (let at = resolve(path); ; at = dirname(at)) {
    const stat = statSync(at, { throwIfNoEntry: false });
    if (stat && (stat.mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** The directory that holds the Postgres clusters of a state directory. */
export function dataDirOf(stateDir) {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || reachableByOthers(dirname(resolve(stateDir)))) return join(resolve(stateDir), "postgres");
  return join(systemDir, createHash("sha256").update(resolve(stateDir)).digest("hex").slice(0, 16));
}

/** Where a copy of the Postgres binaries goes when those in node_modules cannot be reached. */
export function binariesDirFor(version) {
  return join(systemDir, `postgres-${version}`);
}
