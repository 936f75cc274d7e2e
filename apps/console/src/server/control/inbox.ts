import type { EnforcerMessage } from "@sluice/proto";

/** What of a call is needed to read it. */
export interface ReadableCall {
  readonly cancelled: boolean;
  readonly destroyed: boolean;
  on(event: "data", listener: (message: EnforcerMessage) => void): unknown;
  on(event: "end" | "error" | "cancelled" | "close", listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
  isPaused(): boolean;
}

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
export function openInbox(call: ReadableCall): Inbox {
  const unread: EnforcerMessage[] = [];
  // It may have been cancelled while its certificate was looked up: no event comes any more.
  let ended = call.cancelled || call.destroyed;
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
  for (const event of ["end", "error", "cancelled", "close"] as const) call.on(event, end);
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
