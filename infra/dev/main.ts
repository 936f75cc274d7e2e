import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { reasonOf, UpFailure } from "./failure.ts";
import { farewell } from "./farewell.ts";
import { createProgress } from "./progress.ts";
import { startStack } from "./stack.ts";

// The second half of `npm run up`: runs on the pinned runtime once the dependencies are there.
const { values } = parseArgs({ options: { state: { type: "string" }, root: { type: "string" } } });
const root = resolve(values.root ?? ".");
const stateDir = resolve(values.state ?? ".sluice");
const startMs = performance.now();
try {
  const file = await startStack({ root, stateDir, progress: createProgress(), environment: process.env });
  console.log(farewell(file, { stateDir, seconds: (performance.now() - startMs) / 1000 }));
} catch (error) {
  const known = error instanceof UpFailure;
  console.error(`\n  ${known ? error.message : `Sluice could not start: ${reasonOf(error)}`}`);
  if (known && error.detail) console.error(error.detail.replace(/^/gm, "    "));
  if (!known) console.error(error instanceof Error ? error.stack : error);
  console.error(`\n  ${known ? error.nextStep : "`npm run down` stops what runs; the logs are in .sluice/logs."}\n`);
  process.exitCode = 1;
}
process.exit();
