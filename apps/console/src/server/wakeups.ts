import { logger, sparingly } from "@sluice/telemetry";
import type { Redis } from "ioredis";

const log = logger("console.wakeups");

/** Waiting listeners of one process at most, over all channels. */
export const LISTENERS_MAX = 5_000;

/** "Something changed, look again": carries no data and may be lost or come twice. */
export interface Wakeups {
  publish(channel: string): Promise<void>;
  /** Calls `wake` after each message until the returned function is called. Throws when `LISTENERS_MAX` are waiting. */
  listen(channel: string, wake: () => void): () => void;
  close(): Promise<void>;
}

/** The channel that tells an org's pages to look again. */
export function orgChannel(orgId: string): string {
  return `sluice:org:${orgId}`;
}

/** Wake-ups over Redis: one subscribing connection per process, however many listen. Reconnects by itself. */
export function redisWakeups(publisher: Redis): Wakeups {
  const listeners = new Map<string, Set<() => void>>();
  let subscriber: Redis | undefined;
  let count = 0;
  const connected = () => {
    if (subscriber) return subscriber;
    subscriber = publisher.duplicate({ maxRetriesPerRequest: null, enableReadyCheck: true });
    subscriber.on(
      "error",
      sparingly<Error>(30_000, (err, leftOut) => log.warn({ err, leftOut }, "wakeups.connection_failed")),
    );
    subscriber.on("message", (channel: string) => wakeAll(listeners.get(channel)));
    // What was published while the connection was down is lost: look again once it is back.
    subscriber.on("ready", () => listeners.forEach(wakeAll));
    return subscriber;
  };
  return {
    publish: async (channel) => void (await publisher.publish(channel, "1")),
    listen: (channel, wake) => {
      if (count >= LISTENERS_MAX) throw new Error(`more than ${LISTENERS_MAX} listeners`);
      const set = listeners.get(channel) ?? new Set();
      listeners.set(channel, set);
      if (set.size === 0) {
        connected()
          .subscribe(channel)
          .catch((err: unknown) => log.warn({ err }, "wakeups.subscribe_failed"));
      }
      const entry = () => wake();
      set.add(entry);
      count += 1;
      return () => {
        if (!set.delete(entry)) return;
        count -= 1;
        if (set.size > 0 || listeners.get(channel) !== set) return;
        listeners.delete(channel);
        subscriber?.unsubscribe(channel).catch((err: unknown) => log.warn({ err }, "wakeups.unsubscribe_failed"));
      };
    },
    close: async () => {
      subscriber?.disconnect();
      subscriber = undefined;
      listeners.clear();
    },
  };
}

function wakeAll(set: ReadonlySet<() => void> | undefined): void {
  for (const wake of set ?? []) wake();
}
