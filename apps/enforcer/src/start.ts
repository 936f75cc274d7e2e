import { readLaunchEnv } from "./launch/env.ts";
import { loadLean } from "./launch/load-lean.ts";

// What is started as the enforcer: nothing is imported here but what decides how the process should run.
const { notLean, program } = await loadLean(readLaunchEnv(), () => import("./main.ts"));
await program.main(notLean);
