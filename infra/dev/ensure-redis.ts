import { spawn, spawnSync } from "node:child_process";
import { reasonOf, UpFailure } from "./failure.ts";
import { findRedis, redisAnswers, startRedis } from "./redis.ts";

const installTimeoutMs = 300_000;

/** How each system's package manager installs Redis without asking anything. */
const managers = [
  {
    program: "apt-get",
    prepare: ["update", "-q"],
    args: ["install", "-y", "-q", "--no-install-recommends", "redis-server"],
  },
  { program: "dnf", args: ["install", "-y", "-q", "valkey"] },
  { program: "apk", args: ["add", "--no-cache", "redis"] },
  { program: "brew", args: ["install", "redis"], withoutRoot: true },
] as const satisfies readonly { program: string; args: string[]; prepare?: string[]; withoutRoot?: boolean }[];

/**
 * The address of a Redis that answers: `given` when set, else an own local server, installed with the system's package
 * manager if it is missing and that is permitted. Throws an UpFailure that says exactly what to install.
 */
export async function ensureRedis(options: {
  readonly stateDir: string;
  readonly given: string | undefined;
  readonly preferredPort?: number;
  readonly hint?: (text: string) => void;
}): Promise<{ url: string; own: boolean }> {
  const { stateDir, given, preferredPort, hint = () => {} } = options;
  if (given) {
    await checkGiven(given);
    return { url: given, own: false };
  }
  if (!findRedis()) await install(hint);
  const program = findRedis();
  if (!program) throw new UpFailure("Redis was installed, but neither redis-server nor valkey-server runs", advice());
  try {
    return { ...(await startRedis(stateDir, program, preferredPort)), own: true };
  } catch (error) {
    throw new UpFailure("Redis did not start", reasonOf(error), { cause: error });
  }
}

async function checkGiven(url: string): Promise<void> {
  const wrong = (why: string) =>
    new UpFailure(
      `REDIS_URL does not lead to a Redis server: ${why}`,
      "Start that server, correct REDIS_URL, or unset it: then a local Redis is used.",
    );
  if (!URL.canParse(url)) throw wrong("it is not a URL like redis://127.0.0.1:6379");
  const { protocol, hostname, port, username, password } = new URL(url);
  if (protocol !== "redis:" && protocol !== "rediss:") throw wrong(`its scheme is ${protocol} and not redis:`);
  const credentials = password ? [...(username ? [username] : []), password].map(decodeURIComponent) : undefined;
  const reason = await redisAnswers(hostname, Number(port || 6379), { credentials, tls: protocol === "rediss:" });
  if (reason !== undefined) throw wrong(reason);
}

async function install(hint: (text: string) => void): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  const manager = managers.find(({ program }) => has(program));
  const sudo = !isRoot && has("sudo") && spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0;
  const permitted = manager && (isRoot || sudo || "withoutRoot" in manager);
  if (!manager || !permitted) throw new UpFailure("Redis is not installed, and this user may not install it", advice());
  const run = (args: readonly string[]) => {
    const words = [...(sudo && !("withoutRoot" in manager) ? ["sudo", "-n"] : []), manager.program, ...args];
    return runInstaller(words, hint);
  };
  let failure = await run(manager.args);
  if (failure !== undefined && "prepare" in manager)
    failure = (await run(manager.prepare)) ?? (await run(manager.args));
  if (failure !== undefined) {
    throw new UpFailure(`${manager.program} could not install Redis`, advice(), { detail: failure });
  }
}

/** Undefined when it went well, else the end of its output. The package must not start a server of its own. */
function runInstaller(words: readonly string[], hint: (text: string) => void): Promise<string | undefined> {
  const [command = "", ...args] = words;
  return new Promise((resolve) => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"], timeout: installTimeoutMs });
    let output = "";
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4000);
      hint(output.trimEnd().split("\n").at(-1) ?? "");
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => resolve(code === 0 ? undefined : output.trim().split("\n").slice(-12).join("\n")));
  });
}

function has(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore", timeout: 10_000 }).error === undefined;
}

function advice(): string {
  return "Install it (`sudo apt-get install redis-server`, `brew install redis`, `dnf install valkey`), or set REDIS_URL to a server that runs.";
}
