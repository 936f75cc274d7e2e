/**
 * Whether each text in an input, names of fields included, can be stored: Postgres holds neither NUL characters nor halves of
 * surrogate pairs. Transports refuse what is not before any use case sees it. Takes any depth.
 */
export function isStorable(input: unknown): boolean {
  const left: unknown[] = [input];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === "string") {
      if (value.includes("\0") || !value.isWellFormed()) return false;
    } else if (typeof value === "object" && value !== null) {
      for (const [name, item] of Object.entries(value)) left.push(name, item);
    }
  }
  return true;
}

/** What is said of an input that is not. */
export const NOT_STORABLE = "Text with NUL characters or broken Unicode is not taken: remove them and try again.";
