import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DevCa } from "@sluice/infra/dev/certificates";
import { serverCertificate } from "@sluice/infra/dev/certificates";
import { freePort } from "@sluice/infra/dev/ports";
import { noteProcess } from "@sluice/infra/dev/processes";
import { NICE_DEFAULT, schedulingOf, takePriority } from "../../apps/enforcer/src/launch/priority.ts";
import { compiledPolicies } from "../../apps/enforcer/src/protocols/postgres/fixtures/test-site.ts";
import { policyTexts } from "./policy-world.ts";

/** TLS with verified certificates, or TCP as it is, on every leg of the way. */
export type Wire = "tls" | "plain";

/** One way to the database. */
export interface Target {
  readonly name: "direct" | "pgbouncer" | "enforcer";
  readonly wire: Wire;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly caFile: string;
  /** of the process between, if any */
  readonly pid: number | undefined;
  stop(): void;
}

/** The database that all targets lead to. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly caFile: string;
}

const NOBODY = 65_534;
const START_MS = 30_000;

/** Whether a program of this name can be run. */
export function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Past everything. */
export function directTarget({ caFile, password, port, user }: Upstream, wire: Wire): Target {
  return { name: "direct", wire, port, user, password, caFile, pid: undefined, stop: () => undefined };
}

/** PgBouncer in session mode, SCRAM on both sides. */
export async function pgbouncerTarget(upstream: Upstream, stateDir: string, ca: DevCa, wire: Wire): Promise<Target> {
  const port = await freePort(undefined);
  const certificate = await serverCertificate(ca, "pgbouncer");
  const { password, user } = upstream;
  const file = (name: string, text: string) => {
    const path = join(stateDir, `${wire}-${name}`);
    writeFileSync(path, text, { mode: 0o600 });
    if (process.getuid?.() === 0) chownSync(path, NOBODY, NOBODY);
    return path;
  };
  const users = file("users.txt", `"${user}" "${password}"\n`);
  const key = file("pgbouncer.key", readFileSync(certificate.keyFile, "utf8"));
  const cert = file("pgbouncer.crt", readFileSync(certificate.certFile, "utf8"));
  const trusted = file("upstream-ca.crt", readFileSync(upstream.caFile, "utf8"));
  const settings = [
    "[databases]",
    `shop = host=${upstream.host} port=${upstream.port} dbname=${upstream.database}`,
    "[pgbouncer]",
    `listen_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =`,
    `auth_type = scram-sha-256\nauth_file = ${users}`,
    "pool_mode = session\nmax_client_conn = 300\ndefault_pool_size = 120",
    ...(wire === "tls"
      ? [
          `client_tls_sslmode = require\nclient_tls_key_file = ${key}\nclient_tls_cert_file = ${cert}`,
          `server_tls_sslmode = verify-ca\nserver_tls_ca_file = ${trusted}`,
        ]
      : ["server_tls_sslmode = disable"]),
    "ignore_startup_parameters = extra_float_digits\nlog_connections = 0\nlog_disconnections = 0",
  ];
  chmodSync(stateDir, 0o711);
  const as = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn("pgbouncer", ["-q", file("pgbouncer.ini", `${settings.join("\n")}\n`)], {
    stdio: "ignore",
    detached: true,
    ...as,
  });
  endsWithUs(stateDir, `pgbouncer-${wire}`, child);
  if (child.pid !== undefined) takePriority(NICE_DEFAULT, schedulingOf(child.pid)); // what the enforcer takes for itself
  await listening(port, child);
  return {
    name: "pgbouncer",
    wire,
    port,
    user,
    password,
    caFile: ca.caFile,
    pid: child.pid,
    stop: () => void child.kill("SIGKILL"),
  };
}

/** The enforcer in a process of its own, with so many policies besides the starter pack. */
export async function enforcerTarget(upstream: Upstream, stateDir: string, rules: number, wire: Wire): Promise<Target> {
  const script = new URL("postgres-enforcer.ts", import.meta.url).pathname;
  const policiesFile = join(stateDir, "policies.json");
  writeFileSync(policiesFile, JSON.stringify(await compiledPolicies(policyTexts(rules, 0))));
  const child = spawn(process.execPath, [script, JSON.stringify(upstream), policiesFile, stateDir, wire], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  endsWithUs(stateDir, `enforcer-${wire}`, child);
  const line = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.once("exit", () => reject(new Error("the enforcer ended while it started")));
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("\n")) resolve(text);
    });
  });
  const { caFile, port }: { caFile: string; port: number } = JSON.parse(line);
  return {
    name: "enforcer",
    wire,
    port,
    user: "ana",
    password: "token:ana",
    caFile,
    pid: child.pid,
    stop: () => void child.kill(),
  };
}

/**
 * Each process between is detached: a service has a session of its own, and with it (sched(7), autogroup) its own share of the
 * processors, which it would divide with pgbench otherwise. Whoever removes the directory stops it.
 */
function endsWithUs(stateDir: string, name: string, { pid }: ChildProcess): void {
  if (pid !== undefined) noteProcess(stateDir, { name, pid, stopSignal: "SIGTERM", stopOrder: 1 });
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (child.exitCode === null && Date.now() < deadline) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: "127.0.0.1", port });
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    await sleep(50);
  }
  child.kill("SIGKILL");
  throw new Error("pgbouncer did not start");
}
