import type { Socket } from "node:net";

/** What one read brings at most. */
const READ_BYTES_MAX = 65_536;
/** One memory for all sockets: a chunk is read, used or copied, and done with before the next one comes. */
const memory = Buffer.allocUnsafeSlow(READ_BYTES_MAX);
/** Chunks of the sizes that messages mostly have are the same view each time: a new one costs more than a message's frames. */
const views: Buffer[] = Array.from({ length: 1_024 }, (_, bytes) => memory.subarray(0, bytes));
/** Where net keeps what its `onread` option sets (nodejs/node, lib/net.js); null without that option. */
const FIELDS = ["kBuffer", "kBufferCb", "kBufferGen"] as const;

/**
 * Has a socket read into memory that stays, as net's `onread` option does, which accepted sockets and TLS over an open
 * socket cannot be given: a chunk's own memory costs more than its bytes when answers are large. The chunk is the
 * receiver's until `deliver` returns. False, with nothing changed, where this Node keeps these things elsewhere.
 */
export function readDirectly(socket: Socket, deliver: (chunk: Buffer) => void): boolean {
  const own = Object.getOwnPropertySymbols(socket);
  const [buffer, callback, next] = FIELDS.map((name) => own.find(({ description }) => description === name));
  const handle: unknown = Reflect.get(socket, "_handle");
  if (!buffer || !callback || !next || typeof handle !== "object" || handle === null) return false;
  const useUserBuffer: unknown = Reflect.get(handle, "useUserBuffer");
  const unused = [buffer, callback, next].every((field) => Reflect.get(socket, field) === null);
  if (!unused || typeof useUserBuffer !== "function") return false;
  for (;;) {
    const waiting: unknown = socket.read();
    if (!Buffer.isBuffer(waiting)) break;
    deliver(waiting);
  }
  Reflect.set(socket, buffer, memory);
  Reflect.set(socket, callback, (bytes: number) => {
    deliver(views[bytes] ?? memory.subarray(0, bytes));
    return true;
  });
  Reflect.apply(useUserBuffer, handle, [memory]);
  return true;
}
