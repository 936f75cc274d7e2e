import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { digestOf } from "./digest.ts";
import { UpFailure } from "./failure.ts";

const buildTimeoutMs = 600_000;
const lockStaleMs = 900_000;
const outputLinesShown = 40;

/** A thing made from sources and kept until they change. */
interface Product {
  readonly name: string;
  readonly sources: readonly string[];
  /** must exist for the product to count as made */
  readonly result: string;
  readonly stamp: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
}

const consoleSources = [
  "apps/console/src",
  "apps/console/package.json",
  "apps/console/next.config.ts",
  "apps/console/postcss.config.mjs",
  "apps/console/tsconfig.json",
  "apps/console/public",
  "packages",
  "prisma/schema",
  "package-lock.json",
];

/** Generates the Prisma client, when its schema changed. Returns whether it had to. */
export function generateClient(root: string, hint?: (line: string) => void): Promise<boolean> {
  const generated = "packages/db/src/generated";
  return make(
    root,
    {
      name: "the database client",
      sources: ["prisma/schema", "packages/db/generate.mjs", "packages/db/package.json"],
      result: `${generated}/client.ts`,
      stamp: `${generated}/.sources`,
      command: [process.execPath, "packages/db/generate.mjs"],
      cwd: ".",
    },
    hint,
  );
}

/** Builds the console, when its sources changed. Returns whether it had to. */
export function buildConsole(root: string, hint?: (line: string) => void): Promise<boolean> {
  return make(
    root,
    {
      name: "the console",
      sources: consoleSources,
      result: "apps/console/.next/BUILD_ID",
      stamp: "apps/console/.next/sluice-sources",
      command: [process.execPath, join(root, "node_modules/next/dist/bin/next"), "build"],
      cwd: "apps/console",
    },
    hint,
  );
}

async function make(root: string, product: Product, hint: (line: string) => void = () => {}): Promise<boolean> {
  const lock = join(root, "node_modules/.cache/sluice", `${product.name.replaceAll(" ", "-")}.lock`);
  await takeLock(lock, hint);
  try {
    const digest = `${digestOf(root, product.sources)} ${process.version}`;
    const stamp = join(root, product.stamp);
    const current =
      existsSync(stamp) && readFileSync(stamp, "utf8") === digest && existsSync(join(root, product.result));
    if (current) return false;
    rmSync(stamp, { force: true });
    await run(root, product, hint);
    writeFileSync(stamp, digest);
    return true;
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Two runs in one checkout build one after the other. A lock whose owner died is taken over. */
async function takeLock(lock: string, hint: (line: string) => void): Promise<void> {
  mkdirSync(join(lock, ".."), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, "pid"), `${process.pid}`);
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    if (lockIsStale(lock)) rmSync(lock, { recursive: true, force: true });
    else hint("another run builds it");
    await sleep(200);
  }
}

function lockIsStale(lock: string): boolean {
  const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (age > lockStaleMs) return true;
  const file = join(lock, "pid");
  if (!existsSync(file)) return age > 5000;
  const pid = Number(readFileSync(file, "utf8"));
  try {
    if (pid) process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

function run(root: string, product: Product, hint: (line: string) => void): Promise<void> {
  const [command, ...args] = product.command;
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", CI: "1" };
    const child = spawn(command, args, { cwd: join(root, product.cwd), env, stdio: ["ignore", "pipe", "pipe"] });
    const lines: string[] = [];
    const keep = (chunk: string) => {
      lines.push(...chunk.split("\n").filter((line) => line.trim() !== ""));
      lines.splice(0, Math.max(0, lines.length - 200));
      hint(lines.at(-1)?.trim() ?? "");
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    const timer = setTimeout(() => child.kill("SIGKILL"), buildTimeoutMs);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve();
      const why = signal ? `it was stopped by ${signal}` : `status ${code}`;
      reject(
        new UpFailure(`Building ${product.name} failed (${why})`, "Mend what it names and run `npm run up` again.", {
          detail: lines.slice(-outputLinesShown).join("\n"),
        }),
      );
    });
  });
}
