// `npm run up`: everything, on a machine with nothing but Node (20 or newer) and npm. This file is plain JavaScript
// without dependencies: it installs them, then hands over to main.ts on the pinned runtime.
// Options: --fresh (start over), --state <directory> (default .sluice).
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { dataDirOf } from "./places.mjs";
import { stopAll } from "./processes.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const marker = join(root, "node_modules/.sluice-lock");
const runtime = join(root, "node_modules/.bin/node");
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1).padStart(6)} s`;

function fail(message, next) {
  console.error(`\n  ${message}\n\n  ${next}\n`);
  process.exit(1);
}

function readOptions() {
  try {
    return parseArgs({ options: { fresh: { type: "boolean", default: false }, state: { type: "string" } } }).values;
  } catch (error) {
    return fail(error.message, "Usage: npm run up [-- --fresh] [-- --state <directory>]");
  }
}

/** Whether node_modules holds what package-lock.json says, and the runtime in it works. */
function installed(lockDigest) {
  if (spawnSync(runtime, ["--version"], { stdio: "ignore" }).status !== 0) return false;
  if (existsSync(marker)) return readFileSync(marker, "utf8") === lockDigest;
  const byNpm = statSync(join(root, "node_modules/.package-lock.json"), { throwIfNoEntry: false });
  return byNpm !== undefined && byNpm.mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs;
}

async function install() {
  const lockDigest = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (!installed(lockDigest)) {
    const start = performance.now();
    console.log("  … Installing dependencies (npm ci), once");
    const status = await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    if (status === 127)
      fail("npm was not found.", "Install Node 20 or newer with npm (https://nodejs.org) and run this again.");
    if (status !== 0)
      fail("npm ci failed; its message is above.", "Mend it (network? disk?) and run `npm run up` again.");
    if (spawnSync(runtime, ["--version"], { stdio: "ignore" }).status !== 0) {
      fail(
        "The pinned runtime (npm package `node`) did not install.",
        "Run `npm rebuild node` and then `npm run up` again.",
      );
    }
    console.log(`  ✓ ${"Dependencies installed".padEnd(52)} ${seconds(start)}`);
  }
  writeFileSync(marker, lockDigest);
}

function run(command, args) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
    child.once("error", () => done(127));
    child.once("exit", (code) => done(code ?? 1));
  });
}

if (Number(process.versions.node.split(".")[0]) < 20) {
  fail(`Node ${process.versions.node} is too old.`, "Install Node 20 or newer and run `npm run up` again.");
}
const options = readOptions();
const stateDir = resolve(options.state ?? process.env.SLUICE_UP_DIR ?? join(root, ".sluice"));
if (options.fresh && existsSync(stateDir)) {
  const start = performance.now();
  await stopAll(stateDir);
  rmSync(dataDirOf(stateDir), { recursive: true, force: true });
  rmSync(stateDir, { recursive: true, force: true });
  console.log(`  ✓ ${"Old state removed".padEnd(52)} ${seconds(start)}`);
}
await install();
mkdirSync(stateDir, { recursive: true, mode: 0o700 });
process.exitCode = await run(runtime, [join(root, "infra/dev/main.ts"), "--root", root, "--state", stateDir]);
