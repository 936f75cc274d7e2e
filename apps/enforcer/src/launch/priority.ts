import { readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";

/** What an enforcer asks for: everybody who uses a resource waits for it, and it is done in microseconds. */
export const NICE_DEFAULT = -10;

/** What of the system decides when a process runs. */
export interface Scheduling {
  readonly pid: number;
  /** nice(1) of its main thread; throws where that is not allowed */
  setPriority(nice: number): void;
  /** a file of proc(5); throws where there is none */
  read(path: string): string;
  write(path: string, text: string): void;
}

/** That of a process, this one unless another is named. */
export function schedulingOf(pid: number = process.pid): Scheduling {
  return {
    pid,
    setPriority: (nice) => setPriority(pid, nice),
    read: (path) => readFileSync(path, "utf8"),
    write: (path, text) => writeFileSync(path, text),
  };
}

/**
 * Has a process treated so among others: `nice` from −20, before them, to 19, as nice(1) says. Where Linux shares the
 * processors between sessions (sched(7), autogroup) that counts among threads of one session only, so the session gets it
 * too, if the process leads it: a session of its own has nobody else in it. Undefined when done, else why not; then
 * everything goes on as it was, only later than it could where others want the same processors.
 */
export function takePriority(nice: number, system: Scheduling = schedulingOf()): string | undefined {
  try {
    system.setPriority(nice);
    if (groupsSessions(system) && leadsSession(system)) system.write(autogroupOf(system), `${nice}\n`);
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

function autogroupOf({ pid }: Scheduling): string {
  return `/proc/${pid}/autogroup`;
}

/** The file names a group and its niceness, where sessions are told apart. */
function groupsSessions(system: Scheduling): boolean {
  try {
    return system.read(autogroupOf(system)).startsWith("/autogroup-");
  } catch {
    return false; // another system, or a kernel without it: nice alone says it all
  }
}

/** The session's id is its leader's, and the fourth word behind the program's name, which may hold anything. */
function leadsSession(system: Scheduling): boolean {
  const { pid } = system;
  const stat = system.read(`/proc/${pid}/stat`);
  const session = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3];
  return Number(session) === pid;
}
