import { z } from "zod";

/** The most rows one page holds. */
export const PAGE_ROWS_MAX = 200;

/** What every paged list accepts: an opaque cursor from the page before and a number of rows. */
export const pageInputSchema = z.object({
  // clients that page say null for the first page
  cursor: z
    .string()
    .max(400)
    .nullish()
    .transform((cursor) => cursor ?? undefined),
  limit: z.number().int().min(1).max(PAGE_ROWS_MAX).default(50),
});

/** A page of `item`s; `nextCursor` is null on the last one. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** A position in a list ordered by time and id, newest first. */
export interface Keyset {
  readonly atMs: number;
  readonly id: string;
}

const keysetSchema = z.tuple([z.number().int(), z.uuid()]);

/** The opaque form of a position. */
export function encodeCursor(position: Keyset): string {
  return Buffer.from(JSON.stringify([position.atMs, position.id])).toString("base64url");
}

/** The position a cursor names, or undefined for anything this server did not write. */
export function decodeCursor(cursor: string | undefined): Keyset | undefined {
  if (cursor === undefined) return undefined;
  try {
    const parsed = keysetSchema.safeParse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    return parsed.success ? { atMs: parsed.data[0], id: parsed.data[1] } : undefined;
  } catch {
    return undefined; // not JSON: a cursor that somebody edited starts the list again
  }
}
