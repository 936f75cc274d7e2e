/** A JSON value as Postgres takes it. */
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * The value with what Postgres cannot hold in text or jsonb replaced by U+FFFD: NUL characters (a refused statement may
 * contain some) and lone surrogates. The exact bytes are kept beside it, in the batch that the chain covers.
 */
export function storable(value: unknown): Json {
  if (typeof value === "string") return storableText(value);
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(storable);
  return typeof value === "object" && value !== null ? storableObject(value) : null;
}

/** The same for an object. */
export function storableObject(value: object): { [key: string]: Json } {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [storableText(key), storable(item)]));
}

/** The same for one text. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\u0000", "\ufffd");
}
