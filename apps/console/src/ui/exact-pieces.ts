/** A piece of a text: as it is, or one character that would not be seen, by its code point such as `U+202E`. */
export interface ExactPiece {
  readonly text: string;
  /** undefined for what shows by itself */
  readonly code: string | undefined;
}

/**
 * Control and format characters (those that turn the direction of text among them), what renderers may ignore, line and
 * paragraph separators, and spaces that are none to a parser. Not tab and line feed, nor the carriage return before one.
 */
export const unseen = /\r(?!\n)|(?![\t\n\r ])[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|\p{Cs}/u;
const every = new RegExp(unseen, "gu");

/**
 * Cuts a text at the characters that could make it look like another one. The pieces joined are the text. For what people
 * decide by: a statement to approve, a policy to publish.
 */
export function exactPieces(text: string): ExactPiece[] {
  if (!unseen.test(text)) return [{ text, code: undefined }];
  const pieces: ExactPiece[] = [];
  let at = 0;
  for (const { 0: found, index } of text.matchAll(every)) {
    if (index > at) pieces.push({ text: text.slice(at, index), code: undefined });
    pieces.push({ text: found, code: codeOf(found) });
    at = index + found.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), code: undefined });
  return pieces;
}

/** The same as plain text, for places that take no markup (a tooltip): `a⟨U+202E⟩b`. */
export function exactText(text: string): string {
  return exactPieces(text)
    .map(({ text: piece, code }) => (code === undefined ? piece : `⟨${code}⟩`))
    .join("");
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
