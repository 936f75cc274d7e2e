import type { LikePattern } from "./expr.ts";

/**
 * Compiles a `like` pattern. Without a wildcard it is equality; else the text must begin with the first part, end with the
 * last, and hold the others in between, in order and apart. Taking each at its first place is right because a wildcard
 * matches anything.
 */
export function compileLike(pattern: LikePattern): (text: string) => boolean {
  const first = pattern[0] ?? "";
  if (pattern.length < 2) return (text) => text === first;
  const last = pattern[pattern.length - 1] ?? "";
  const middle = pattern.slice(1, -1).filter((part) => part !== "");
  const charsMin = first.length + last.length;
  return (text) => {
    if (text.length < charsMin || !text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const part of middle) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}
