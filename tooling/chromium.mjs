// Finds a Chromium for the browser tests, or installs Debian's where that is permitted.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { runCommand } from "./steps.mjs";

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const message =
  "No Chromium on this machine. Install it (`sudo apt-get install chromium`) or set SLUICE_CHROMIUM to a browser's path.";

/** The path of a browser that is here, if there is one. */
export function findChromium() {
  if (process.env.SLUICE_CHROMIUM) return process.env.SLUICE_CHROMIUM;
  const inPath = names.map((name) => spawnSync("which", [name], { encoding: "utf8" }).stdout?.trim()).find(Boolean);
  return inPath || playwrightsOwn();
}

/** The path of a browser, installed with apt-get if this user may. */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return { status: 0, output: "", path: found };
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return { status: 1, output: message };
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "-y", "-q", "--no-install-recommends", "chromium"];
  let result = await runCommand("apt-get", install, { env });
  if (result.status !== 0) {
    await runCommand("apt-get", ["update", "-q"], { env });
    result = await runCommand("apt-get", install, { env });
  }
  const path = findChromium();
  return path
    ? { status: 0, output: "", path, note: "installed" }
    : { status: 1, output: `${result.output}\n${message}` };
}

function playwrightsOwn() {
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), ".cache/ms-playwright");
  if (!existsSync(cache)) return undefined;
  const builds = readdirSync(cache).filter((name) => name.startsWith("chromium-"));
  return builds.map((name) => join(cache, name, "chrome-linux/chrome")).find((path) => existsSync(path));
}
