import { readLaunchEnv } from "./env.ts";
import { loadLean } from "./load-lean.ts";

// A program that is loaded lean and says how it runs.
const { notLean, program } = await loadLean(readLaunchEnv(), () => import("./lean-report.fixture.ts"));
program.report(notLean);
