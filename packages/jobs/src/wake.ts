import { logger } from "@sluice/telemetry";
import { Redis } from "ioredis";
import type { z } from "zod";

const log = logger("jobs.wake");

/**
 * Wake-ups between processes over Redis. They say "look again", never more: whoever listens also looks by itself from
 * time to time, so a lost one costs seconds and no data.
 */
export interface Wake extends AsyncDisposable {
  /** Best effort and never rejects: a failure is logged as `wake.unsent`. */
  publish<S extends z.ZodType>(topic: WakeTopic<S>, message: z.input<S>): Promise<void>;
  /**
   * Calls the listener for each message of the right form, and once with "resync" whenever the connection came back, as
   * messages may have been missed. Returns the unsubscribe function.
   */
  subscribe<S extends z.ZodType>(topic: WakeTopic<S>, listener: (message: z.output<S> | "resync") => void): () => void;
  close(): Promise<void>;
}

/** A channel and the form of what is said on it. */
export interface WakeTopic<S extends z.ZodType> {
  readonly channel: string;
  readonly schema: S;
}

const retryStrategy = (times: number): number => Math.min(times * 100, 2_000);

/** Opens two connections (Redis wants listening apart from speaking). Connects by itself, for as long as it takes. */
export function openWake(redisUrl: string): Wake {
  const speaker = new Redis(redisUrl, { retryStrategy, maxRetriesPerRequest: 1, commandTimeout: 3_000 });
  const ear = new Redis(redisUrl, { retryStrategy, maxRetriesPerRequest: null });
  const listeners = new Map<string, Set<(text: string | undefined) => void>>();
  for (const connection of [speaker, ear]) {
    connection.on("error", (error: Error) => log.warn({ err: error }, "wake.connection_failed"));
  }
  let wasReady = false;
  ear.on("ready", () => {
    if (wasReady) for (const each of listeners.values()) for (const listener of each) listener(undefined);
    wasReady = true;
  });
  ear.on("message", (channel: string, text: string) => {
    for (const listener of listeners.get(channel) ?? []) listener(text);
  });
  const close = async () => {
    listeners.clear();
    speaker.disconnect();
    ear.disconnect();
  };
  return {
    publish: async (topic, message) => {
      try {
        await speaker.publish(topic.channel, JSON.stringify(topic.schema.parse(message)));
      } catch (error) {
        log.warn({ err: error, channel: topic.channel }, "wake.unsent");
      }
    },
    subscribe: (topic, listener) => {
      const heard = (text: string | undefined) =>
        text === undefined ? listener("resync") : tell(topic, text, listener);
      const channel = listeners.get(topic.channel) ?? new Set();
      channel.add(heard);
      if (channel.size === 1) {
        listeners.set(topic.channel, channel);
        ear.subscribe(topic.channel).catch((error: unknown) => log.warn({ err: error }, "wake.subscribe_failed"));
      }
      return () => {
        if (!channel.delete(heard) || channel.size > 0) return;
        listeners.delete(topic.channel);
        ear.unsubscribe(topic.channel).catch((error: unknown) => log.warn({ err: error }, "wake.unsubscribe_failed"));
      };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function tell<S extends z.ZodType>(topic: WakeTopic<S>, text: string, listener: (message: z.output<S>) => void): void {
  let parsed: ReturnType<typeof topic.schema.safeParse>;
  try {
    parsed = topic.schema.safeParse(JSON.parse(text));
  } catch (error) {
    log.warn({ err: error, channel: topic.channel }, "wake.malformed");
    return;
  }
  if (parsed.success) listener(parsed.data);
  else log.warn({ channel: topic.channel }, "wake.malformed");
}
