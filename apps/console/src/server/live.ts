import { TRPCError } from "@trpc/server";
import type { Deps } from "./deps.ts";
import type { RequestSession } from "./trpc.ts";
import { orgChannel } from "./wakeups.ts";

/** Streams that one member keeps open at once, over all their tabs, in one process. */
export const STREAMS_PER_MEMBER_MAX = 30;
/** How often an open stream asks whether its session still lives. */
const SESSION_CHECK_MS = 10_000;
/** A stream looks again at least this often, also when no wake-up arrives (Redis may lose them). */
const LOOK_AGAIN_MS = 5_000;
/** … and at most this often, however many wake-ups come. */
const LOOK_PAUSE_MS = 100;

const open = new Map<string, number>();

/**
 * Runs a stream as long as its session lives: each member has a bounded number, and one whose session ended, whose member
 * was locked or whose client went away is stopped within 10 s. Throws UNAUTHORIZED when the session ended, and what clients
 * answer by connecting again when this process stops or the database is away.
 */
export async function* whileSignedIn<Event>(
  session: RequestSession,
  clientGone: AbortSignal | undefined,
  source: (signal: AbortSignal) => AsyncGenerator<Event>,
): AsyncGenerator<Event> {
  const member = session.actor.memberId;
  const count = open.get(member) ?? 0;
  if (count >= STREAMS_PER_MEMBER_MAX) {
    throw new TRPCError({
      code: "TOO_MANY_REQUESTS",
      message: "Too many open pages: close some and load this one again.",
    });
  }
  open.set(member, count + 1);
  const stop = new AbortController();
  let reason: TRPCError | undefined;
  const end = (because: TRPCError) => {
    reason ??= because;
    stop.abort();
  };
  const restarting = () => end(new TRPCError({ code: "SERVICE_UNAVAILABLE", message: "The console is restarting." }));
  const timer = setInterval(() => {
    session.stillLives().then((lives) => {
      if (!lives) end(new TRPCError({ code: "UNAUTHORIZED", message: "Your session has ended. Sign in to go on." }));
    }, restarting);
  }, SESSION_CHECK_MS);
  session.stopping.addEventListener("abort", restarting, { once: true });
  const signal = clientGone ? AbortSignal.any([clientGone, stop.signal]) : stop.signal;
  try {
    yield* source(signal);
    if (reason) throw reason;
  } finally {
    clearInterval(timer);
    session.stopping.removeEventListener("abort", restarting);
    stop.abort();
    const left = (open.get(member) ?? 1) - 1;
    if (left > 0) open.set(member, left);
    else open.delete(member);
  }
}

/** Yields once at the start and then after each wake-up of the org (many at once count as one), until the signal. */
export function wakes(deps: Deps, orgId: string, signal: AbortSignal): AsyncGenerator<undefined> {
  return wakesOn(deps, orgChannel(orgId), signal);
}

/** The same for a channel of its own: what changes often and concerns few. */
export async function* wakesOn(deps: Deps, channel: string, signal: AbortSignal): AsyncGenerator<undefined> {
  let pending = true;
  let notify: (() => void) | undefined;
  const wake = () => {
    pending = true;
    notify?.();
  };
  const stopListening = deps.wakeups.listen(channel, wake);
  signal.addEventListener("abort", wake, { once: true });
  try {
    while (!signal.aborted) {
      if (!pending) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, LOOK_AGAIN_MS);
          notify = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        notify = undefined;
      }
      if (signal.aborted) return;
      pending = false;
      yield undefined;
      await new Promise((resolve) => setTimeout(resolve, LOOK_PAUSE_MS));
    }
  } finally {
    stopListening();
    signal.removeEventListener("abort", wake);
  }
}
