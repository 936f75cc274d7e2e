// Adds to package-lock.json the platform packages that npm left out: when a registry does not carry an optional package
// for some other platform, `npm install` drops it from the lock, and `npm ci` then calls the lock incomplete. The added
// entries name version and platform, so that they are installed exactly there. Run it after `npm install` added a
// dependency with platform packages: `node tooling/complete-lock.mjs` (`--check` only says whether it is needed).
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const path = join(resolve(dirname(fileURLToPath(import.meta.url)), ".."), "package-lock.json");
const systems = [
  "darwin",
  "linux",
  "win32",
  "windows",
  "android",
  "freebsd",
  "netbsd",
  "openbsd",
  "sunos",
  "aix",
  "openharmony",
];
const processors = [
  "arm64",
  "arm",
  "x64",
  "ia32",
  "ppc64",
  "ppc64le",
  "s390x",
  "riscv64",
  "loong64",
  "mips64el",
  "wasm32",
];

/** What the name of a platform package says: @scope/tool-linux-arm64-musl → { os, cpu, libc }. */
export function platformOf(name) {
  const words = name.toLowerCase().split(/[-/.]/);
  const system = words.find((word) => systems.includes(word));
  const aliases = { armv7: "arm", 64: "x64" };
  const cpu = processors.filter((processor) => words.some((word) => (aliases[word] ?? word) === processor));
  const libc = words.includes("musl") || words.includes("musleabihf") ? "musl" : undefined;
  const glibc = words.includes("gnu") || words.includes("gnueabihf") || words.includes("glibc") ? "glibc" : undefined;
  return {
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(system ? { os: [system === "windows" ? "win32" : system] } : {}),
    ...(system === "linux" && (libc ?? glibc) ? { libc: [libc ?? glibc] } : {}),
  };
}

/** The lock's optional packages that have no entry, each with the one it would get. */
export function missingEntries(packages) {
  const missing = new Map();
  for (const [place, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (findEntry(packages, place, name)) continue;
      const platform = platformOf(name);
      if (!platform.os && !platform.cpu) continue;
      const exact = version.replace(/^[~^]/, "");
      missing.set(`node_modules/${name}`, {
        version: exact,
        ...platform,
        ...(entry.dev ? { dev: true } : {}),
        optional: true,
      });
    }
  }
  return missing;
}

/** Node's own way of looking: nested first, then upwards. */
function findEntry(packages, place, name) {
  for (
    let at = place;
    at !== "";
    at = at.includes("/node_modules/") ? at.slice(0, at.lastIndexOf("/node_modules/")) : ""
  ) {
    const nested = packages[`${at}/node_modules/${name}`];
    if (nested) return nested;
  }
  return packages[`node_modules/${name}`];
}

const lock = JSON.parse(readFileSync(path, "utf8"));
const missing = missingEntries(lock.packages);
if (process.argv.includes("--check")) {
  for (const place of missing.keys()) console.error(`package-lock.json lacks ${place}`);
  process.exitCode = missing.size > 0 ? 1 : 0;
} else if (missing.size > 0) {
  Object.assign(lock.packages, Object.fromEntries(missing));
  const order = Object.keys(lock.packages).sort((a, b) => a.localeCompare(b, "en"));
  lock.packages = Object.fromEntries(order.map((key) => [key, lock.packages[key]]));
  console.log(`added ${missing.size} entries`);
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
}
