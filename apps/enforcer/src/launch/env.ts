import { join } from "node:path";

/** What starting needs of the environment; everything else is read by the program itself. */
export interface LaunchEnv {
  readonly environment: NodeJS.ProcessEnv;
  /** where compiled code may be kept; undefined when the state directory is not known */
  readonly codeDir: string | undefined;
}

/** Reads it. The names and their checks are the program's: a missing state directory is refused there. */
export function readLaunchEnv(environment: NodeJS.ProcessEnv = process.env): LaunchEnv {
  const stateDir = environment["SLUICE_STATE_DIR"];
  return { environment, codeDir: stateDir ? join(stateDir, "code") : undefined };
}
