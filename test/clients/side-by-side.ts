import { spawn } from "node:child_process";
import { join } from "node:path";
import { inject } from "vitest";
import { planCopyMasks, planRowMasks } from "../../apps/enforcer/src/masking/index.ts";
import {
  startTestSite,
  type TestSite,
  type TestSiteOptions,
} from "../../apps/enforcer/src/protocols/postgres/fixtures/test-site.ts";
import type { UpstreamDatabase } from "../kit/provided.ts";

/** The folder of the programs that are run. */
export const programs = join(import.meta.dirname, "programs");

/** An enforcer before the demo upstream: outside of production, so that an engineer's writes need nobody's approval. */
export function startSite(over: Partial<TestSiteOptions> = {}): Promise<TestSite> {
  const masking = { planRows: planRowMasks, planCopy: planCopyMasks };
  return startTestSite({ upstream: inject("upstream"), masking, environment: "staging", ...over });
}

/** libpq's environment for ana, or somebody else with a token, through the enforcer. */
export function throughSluice(site: TestSite, user = "ana", password = `token:${user}`): NodeJS.ProcessEnv {
  return connection(site.port, { user, password }, site.caFile);
}

/** The same for the enforcer's own role on the upstream, past the enforcer. */
export function directly(upstream: UpstreamDatabase = inject("upstream")): NodeJS.ProcessEnv {
  const { caFile, password, port, user } = upstream;
  return connection(port, { user, password }, caFile);
}

function connection(port: number, login: { user: string; password: string }, caFile: string): NodeJS.ProcessEnv {
  return {
    PGHOST: "localhost",
    PGPORT: String(port),
    PGDATABASE: "shop",
    PGUSER: login.user,
    PGPASSWORD: login.password,
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: caFile,
    // neither a person's own settings nor those of whoever runs the tests
    PSQLRC: "/dev/null",
    PGSERVICEFILE: "/dev/null",
    PGPASSFILE: "/dev/null",
  };
}

/** What a program printed, behind it what it wrote as errors, and how it ended. */
export interface Ran {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a program to its end, at most two minutes. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly input?: string; readonly cwd?: string },
): Promise<Ran> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, LC_ALL: "C.UTF-8", ...options.env };
  const child = spawn(command, args, { env, cwd: options.cwd, stdio: "pipe", timeout: 120_000 });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  child.stdin.on("error", () => undefined); // a program may end before it read everything
  child.stdin.end(options.input ?? "");
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, output: output + errors }));
  });
}

/** Runs a program through the enforcer, then directly; the lines of both. */
export async function runBoth(
  site: TestSite,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  upstream?: UpstreamDatabase,
): Promise<{ readonly through: readonly string[]; readonly direct: readonly string[] }> {
  const through = await run(command, args, { env: { ...throughSluice(site), ...env } });
  const direct = await run(command, args, { env: { ...directly(upstream), ...env } });
  return { through: through.output.split("\n"), direct: direct.output.split("\n") };
}
