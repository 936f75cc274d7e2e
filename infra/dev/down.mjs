// `npm run down`: stops everything that `npm run up` started, also what is left of a half-dead state.
// Options: --state <directory> (default .sluice), --remove (delete the directory afterwards), --quiet,
// --when-stdin-ends (wait until whoever started us is gone: how tests leave nothing behind, even when killed).
import { existsSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { stopAll } from "./processes.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const { values: options } = parseArgs({
  options: {
    state: { type: "string", default: process.env.SLUICE_UP_DIR ?? resolve(root, ".sluice") },
    remove: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
    "when-stdin-ends": { type: "boolean", default: false },
  },
});
const stateDir = resolve(options.state);
const say = options.quiet ? () => {} : (line) => console.log(line);

if (options["when-stdin-ends"]) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {}); // the end of stdin is the only order
  await new Promise((done) => process.stdin.on("end", done).on("error", done).resume());
}
const count = await stopAll(stateDir, (record, how) => say(`  ✓ ${record.name} ${how}`));
if (count === 0) say(existsSync(stateDir) ? "Nothing was running." : "Nothing to stop: Sluice was not started here.");
else say("Sluice is down. `npm run up` continues where it stopped; `npm run up -- --fresh` starts over.");
if (options.remove) {
  const { dataDirOf } = await import("./places.mjs");
  rmSync(dataDirOf(stateDir), { recursive: true, force: true });
  rmSync(stateDir, { recursive: true, force: true });
}
