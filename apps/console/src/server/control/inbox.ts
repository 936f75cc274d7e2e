import type { EnforcerMessage } from "@sluice/proto";
import type { EnforcerStream } from "./stream-session.ts";

/** Messages that were read and not yet handled, at most; then reading pauses and the sender slows down. */
const UNREAD_MAX = 16;

/** A stream's messages, one at a time. */
export interface Inbox {
  /** The next message, or nothing when the stream ended in any way. One call at a time. */
  next(): Promise<EnforcerMessage | undefined>;
}

/**
 * Reads a stream under back-pressure. Not its async iterator: that destroys the stream as soon as an error is emitted, and
 * emitting one is how grpc-js sends a status, which then never leaves.
 */
export function openInbox(call: EnforcerStream): Inbox {
  const unread: EnforcerMessage[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  const ring = () => {
    wake?.();
    wake = undefined;
  };
  const end = () => {
    ended = true;
    ring();
  };
  call.on("data", (message: EnforcerMessage) => {
    unread.push(message);
    if (unread.length >= UNREAD_MAX) call.pause();
    ring();
  });
  for (const event of ["end", "error", "cancelled", "close"]) call.on(event, end);
  return {
    next: async () => {
      while (unread.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const message = unread.shift();
      if (unread.length < UNREAD_MAX && call.isPaused()) call.resume();
      return message;
    },
  };
}
