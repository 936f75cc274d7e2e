import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";

/** What Open vSwitch's daemons give themselves (ovs-ctl(8)), for the same reason: whatever is behind them waits for them. */
const NICE = -10;

/** Linux's share of a session in the processors (sched(7), autogroup); not every kernel has it. */
const SESSIONS_SHARE = "/proc/self/autogroup";
/** The process's session among the fields behind its name (proc(5), stat). */
const SESSION_FIELD = 3;

/**
 * Has this thread scheduled before those that wait for it: niceness, and, where the process leads its session as a service
 * does, the session's share. Gives the reason where that is not allowed (it takes CAP_SYS_NICE): then throughput is lost
 * where others want the same processors, nothing else.
 */
export function raisePriority(): string | undefined {
  try {
    setPriority(NICE);
    if (existsSync(SESSIONS_SHARE) && leadsSession()) writeFileSync(SESSIONS_SHARE, String(NICE));
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

function leadsSession(): boolean {
  const stat = readFileSync("/proc/self/stat", "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[SESSION_FIELD]) === process.pid;
}
