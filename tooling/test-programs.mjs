// Finds the programs that the tests drive, Chromium and psql, or installs Debian's where that is permitted.
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
  const output = await installPackage("chromium");
  const path = findChromium();
  return path ? { status: 0, output: "", path, note: "installed" } : { status: 1, output: `${output}\n${message}` };
}

/** psql, installed with apt-get if this user may. */
export async function ensurePsql() {
  const here = () => spawnSync("psql", ["--version"], { stdio: "ignore" }).status === 0;
  if (here()) return { status: 0, output: "" };
  const output = await installPackage("postgresql-client");
  if (here()) return { status: 0, output: "", note: "installed" };
  return { status: 1, output: `${output}\npsql is not installed: \`sudo apt-get install postgresql-client\`.` };
}

/**
 * Drivers of other languages that Debian has, for the languages that are here, and Debian's own PostgreSQL server, which is
 * older than the one that npm brings. Never a failure: what stays missing is left
 * out by the tests, which say so.
 */
export async function ensureDrivers() {
  const has = (command, args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;
  const python = (name) => ["/usr/bin/python3", "python3"].some((command) => has(command, ["-c", `import ${name}`]));
  const drivers = [
    { name: "psycopg", debian: "python3-psycopg", here: () => python("psycopg"), wanted: true },
    { name: "psycopg2", debian: "python3-psycopg2", here: () => python("psycopg2"), wanted: true },
    {
      name: "JDBC",
      debian: "libpostgresql-jdbc-java",
      here: () => existsSync("/usr/share/java/postgresql.jar"),
      wanted: has("javac", ["-version"]),
    },
    {
      name: "an older PostgreSQL",
      debian: `postgresql-${debianMajor()}`,
      here: () => existsSync(`/usr/lib/postgresql/${debianMajor()}/bin/postgres`),
      wanted: debianMajor() !== undefined,
    },
  ];
  const notes = [];
  for (const { name, debian, here, wanted } of drivers) {
    if (here()) continue;
    if (wanted) await installPackage(debian);
    notes.push(`${name} ${here() ? "installed" : "left out"}`);
  }
  return { status: 0, output: "", note: notes.join(", ") };
}

/** The version of PostgreSQL that Debian's psql here has, which is its server's too. */
function debianMajor() {
  if (!existsSync("/usr/lib/postgresql")) return undefined;
  return readdirSync("/usr/lib/postgresql").toSorted((a, b) => Number(b) - Number(a))[0];
}

/** What apt-get said; empty when there is none or this user may not use it. */
async function installPackage(name) {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return "";
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const install = () => runCommand("apt-get", ["install", "-y", "-q", "--no-install-recommends", name], { env });
  const first = await install();
  if (first.status === 0) return first.output;
  await runCommand("apt-get", ["update", "-q"], { env });
  return (await install()).output;
}

function playwrightsOwn() {
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), ".cache/ms-playwright");
  if (!existsSync(cache)) return undefined;
  const builds = readdirSync(cache).filter((name) => name.startsWith("chromium-"));
  return builds.map((name) => join(cache, name, "chrome-linux/chrome")).find((path) => existsSync(path));
}
