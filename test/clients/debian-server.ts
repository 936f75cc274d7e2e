import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { devCa, serverCertificate } from "@sluice/infra/dev/certificates";
import { startPostgres } from "@sluice/infra/dev/postgres";
import { createShop, shopLogins } from "@sluice/infra/dev/shop";
import type { UpstreamDatabase } from "../kit/provided.ts";
import { removedWhenWeEnd } from "../kit/removed-when-we-end.ts";

const INSTALLED = "/usr/lib/postgresql";

/** A PostgreSQL of the system's package manager: the programs of one version, server and clients alike. */
export interface DebianPostgres {
  readonly major: number;
  readonly binariesDir: string;
}

/** A running one with the demonstration's shop in it. */
export interface DebianServer {
  readonly upstream: UpstreamDatabase;
  /** the whole cluster's superuser */
  readonly superuser: { readonly user: string; readonly password: string };
  close(): Promise<void>;
}

/** The newest PostgreSQL server that Debian's packages put here, if there is one that is 15 or later. */
export function debianPostgres(): DebianPostgres | undefined {
  const majors = existsSync(INSTALLED) ? readdirSync(INSTALLED).map(Number) : [];
  const found = majors.filter((major) => major >= 15).toSorted((a, b) => b - a);
  for (const major of found) {
    const binariesDir = join(INSTALLED, String(major), "bin");
    const runs = ["postgres", "initdb", "pg_dump"].every(
      (name) => spawnSync(join(binariesDir, name), ["--version"], { stdio: "ignore" }).status === 0,
    );
    if (runs) return { major, binariesDir };
  }
  return undefined;
}

/** Starts it in a directory of its own, behind TLS. `close` stops it and deletes its files, as does this process' end. */
export async function startDebianServer({ binariesDir }: DebianPostgres): Promise<DebianServer> {
  const stateDir = mkdtempSync(join(tmpdir(), "sluice-debian-"));
  const close = removedWhenWeEnd(stateDir);
  try {
    const ca = await devCa(join(stateDir, "ca"));
    const password = randomBytes(24).toString("base64url");
    const certificate = await serverCertificate(ca, "shop");
    const server = await startPostgres({ stateDir, name: "shop", password, certificate, binariesDir, throwAway: true });
    await createShop(server, password);
    const { enforcer, owner } = shopLogins(password);
    const { host, port } = server;
    const upstream = { host, port, database: "shop", ...enforcer, caFile: ca.caFile, owner };
    return { upstream, superuser: { user: server.user, password }, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}
