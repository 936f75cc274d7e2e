import { join } from "node:path";
import { loadLean } from "../../apps/enforcer/src/launch/load-lean.ts";

// One enforcer as a process of its own, started as the product is, so that its memory and processor time can be told from
// everybody else's.

const [upstream, policiesFile, stateDir, wire] = process.argv.slice(2);
if (upstream === undefined || policiesFile === undefined || stateDir === undefined)
  throw new Error("usage: postgres-enforcer.ts <upstream> <compiled policies> <directory> [plain]");
const launch = { environment: process.env, codeDir: join(stateDir, "code") };
const { notLean, program } = await loadLean(launch, () => import("./postgres-enforcer-site.ts"));
if (notLean !== undefined) throw new Error(`this enforcer would take more memory than the product: ${notLean}`);
await program.runEnforcer({ upstream: JSON.parse(upstream), policiesFile, stateDir, plain: wire === "plain" });
