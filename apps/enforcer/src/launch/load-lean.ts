import { lstatSync, mkdirSync } from "node:fs";
import { flushCompileCache } from "node:module";
import type { LaunchEnv } from "./env.ts";

/**
 * V8's youngest generation is three times this. Nothing of an exchange lives longer than it, so a larger one only keeps
 * more memory resident: by default it grows to 50 MB.
 */
const YOUNG = "--max-semi-space-size";
const YOUNG_MB = 8;
/**
 * glibc's malloc (mallopt(3)): what is freed goes back to the system. Left alone both thresholds grow with the largest
 * buffer that was ever freed. Fewer arenas than threads would be worse: what compiling a function takes for a moment would
 * lie between what stays. Other allocators ignore these.
 */
const MALLOC = {
  MALLOC_MMAP_THRESHOLD_: "262144",
  MALLOC_TRIM_THRESHOLD_: "131072",
};
const CACHE = "NODE_COMPILE_CACHE";
const FILLED = "SLUICE_CODE_CACHE_FILLED";
/** Node's own program that takes the types out of TypeScript; some 20 MB of it stay in a process that used it once. */
const STRIPPER = "NativeModule internal/deps/amaro/dist/index";

/** The program, and why this process takes more memory than it should, if it does. */
export interface Loaded<Program> {
  readonly program: Program;
  readonly notLean: string | undefined;
}

/** How the program should run instead of as it runs now. */
export interface LeanStart {
  readonly execArgv: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Loads a program in a process that is set up to stay small, which can only be said when a process starts: unless it
 * was started so, this one becomes another that is (execve(2): the same pid, files and terminal). `load` imports the
 * program and must not start it: this process may still be replaced by one that finds the program's code compiled.
 */
export async function loadLean<Program>(launch: LaunchEnv, load: () => Promise<Program>): Promise<Loaded<Program>> {
  const start = leanStart(process.execArgv, launch);
  const failed = start && become(start);
  const program = await load();
  const { environment } = launch;
  const isCacheNew = environment[CACHE] !== undefined && environment[FILLED] === undefined && hasStripped();
  if (failed !== undefined || !isCacheNew) return { program, notLean: failed };
  flushCompileCache();
  const notLean = become({ execArgv: process.execArgv, environment: { ...environment, [FILLED]: "1" } });
  return { program, notLean };
}

/** How the process must be started to be lean; undefined when it is, or when who started it chose otherwise. */
export function leanStart(execArgv: readonly string[], launch: LaunchEnv): LeanStart | undefined {
  const { codeDir, environment } = launch;
  const given = [...execArgv, ...(environment["NODE_OPTIONS"] ?? "").split(/\s+/)];
  if (given.some((option) => option.replaceAll("_", "-").startsWith(YOUNG))) return undefined;
  const cache = codeDir !== undefined && isPrivate(codeDir) ? { [CACHE]: codeDir } : {};
  return { execArgv: [`${YOUNG}=${YOUNG_MB}`, ...execArgv], environment: { ...MALLOC, ...cache, ...environment } };
}

/** Code is run from it: nobody else may write there. A directory that cannot be had is reported by who needs more of it. */
function isPrivate(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const found = lstatSync(directory);
    return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

function hasStripped(): boolean {
  const loaded: unknown = Reflect.get(process, "moduleLoadList");
  return Array.isArray(loaded) && loaded.includes(STRIPPER);
}

/** Returns only when it is not possible, with the reason. */
function become({ environment, execArgv }: LeanStart): string {
  try {
    process.execve?.(process.execPath, [process.execPath, ...execArgv, ...process.argv.slice(1)], environment);
    return "this platform cannot replace a process";
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}
