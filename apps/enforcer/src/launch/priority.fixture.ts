import { readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { takePriority } from "./priority.ts";

/** Says on standard output what came of asking for a priority, and what the system says of this process then. */
const refused = takePriority(Number(process.argv[2])) ?? "no reason";
let group = "none";
try {
  group = readFileSync("/proc/self/autogroup", "utf8").trim();
} catch {
  // a system without
}
console.log(JSON.stringify({ refused, nice: getPriority(), group }));
