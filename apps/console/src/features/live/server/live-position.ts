import { z } from "zod";

/** How far a feed has been read: everything received before `afterMs`, and these ids received since. */
export interface LivePosition {
  readonly afterMs: number;
}

const positionSchema = z.coerce.number().int().min(0);

/** The event id that stands for a position. */
export function encodePosition(position: LivePosition): string {
  return String(position.afterMs);
}

/** The position an event id names; anything else is undefined and the feed starts now. */
export function decodePosition(id: string | null | undefined): LivePosition | undefined {
  if (id === null || id === undefined || id === "") return undefined;
  const parsed = positionSchema.safeParse(id);
  return parsed.success ? { afterMs: parsed.data } : undefined;
}
