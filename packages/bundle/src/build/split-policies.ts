/** One policy as it stands in a text, from its first annotation or effect to its semicolon. Offsets are UTF-16. */
export interface PolicyPiece {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

// What Cedar's lexer skips or swallows whole: a string with escapes, a line comment, space.
const TOKEN = /"(?:[^"\\]|\\[\s\S])*"?|\/\/[^\n\r]*|\s+|[^"/\s;]+|[\s\S]/g;

/**
 * Cuts a text into its policies without parsing them, so that a mistake in one leaves the others checkable. Comments
 * before a policy belong to no piece. What follows the last semicolon is a piece too, so the parser can say what it lacks.
 */
export function splitPolicies(text: string): PolicyPiece[] {
  const pieces: PolicyPiece[] = [];
  let from = -1;
  let end = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token.startsWith("//") || token.trim() === "") continue;
    if (from < 0) from = index;
    end = index + token.length;
    if (token !== ";") continue;
    pieces.push({ text: text.slice(from, end), from, to: end });
    from = -1;
  }
  if (from >= 0) pieces.push({ text: text.slice(from, end), from, to: end });
  return pieces;
}
