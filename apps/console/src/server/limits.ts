import type { Clock } from "@sluice/kernel";

const KEYS_MAX = 10_000;

/**
 * A fixed-window counter in this process's memory: `allow(clock, key)` is false once a key was used more than `max` times
 * in its window. Holds at most 10,000 keys; beyond that the oldest are forgotten. Needs no network, so it cannot fail open.
 */
export function limited(options: { readonly name: string; readonly max: number; readonly windowMs: number }) {
  const windows = new Map<string, { count: number; endsAt: number }>();
  return (clock: Clock, key: string): boolean => {
    const now = clock.monotonic();
    const window = windows.get(key);
    if (!window || window.endsAt <= now) {
      windows.delete(key);
      if (windows.size >= KEYS_MAX) windows.delete(windows.keys().next().value ?? key);
      windows.set(key, { count: 1, endsAt: now + options.windowMs });
      return true;
    }
    window.count += 1;
    return window.count <= options.max;
  };
}

/** The body of a request as text, or undefined when it is longer than `bytesMax`, however it was announced. */
export async function readBody(request: Request, bytesMax: number): Promise<string | undefined> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > bytesMax) return undefined;
  if (!request.body) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
