/** What a piece of a statement is, for colour only: nothing is decided from this. */
export type SqlTokenKind = "keyword" | "string" | "number" | "comment" | "name" | "punctuation" | "space" | "parameter";

/** A piece of the text; the pieces joined are the text. */
export interface SqlToken {
  readonly kind: SqlTokenKind;
  readonly text: string;
}

const keywords = new Set(
  `abort add all alter analyze and any array as asc begin between both by call cascade case cast check coalesce collate
   column commit conflict constraint copy create cross cube current current_date current_timestamp cursor database
   deallocate declare default delete desc discard distinct do drop else end except execute exists explain extract false
   fetch filter first for foreign from full function grant group grouping having if ilike in index inner insert intersect
   interval into is join key language last lateral left like limit listen local lock materialized merge move natural
   next not nothing notify null nulls of off offset on only or order outer over partition prepare primary procedure
   reassign references refresh release rename replace reset restrict returning returns revoke right role rollback rollup
   row rows savepoint schema security select sequence session set show similar start stdin stdout table temp temporary
   then to transaction trigger true truncate type union unique unlisten update using vacuum values verbose view when
   where window with within work`.split(/\s+/),
);

// Sticky and bounded by the text itself; an open string or comment runs to the end.
const patterns: readonly (readonly [SqlTokenKind, RegExp])[] = [
  ["space", /\s+/y],
  ["comment", /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ["string", /[eEbBxXnN]?'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)/y],
  ["name", /"(?:[^"]|"")*(?:"|$)/y],
  ["parameter", /\$\d+/y],
  ["number", /\d+(?:\.\d+)?(?:e[+-]?\d+)?/iy],
  ["name", /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ["punctuation", /[\s\S]/uy],
];

const charactersMax = 65_536;

/** Cuts a statement into coloured pieces; text beyond 64 Ki characters comes back as one plain piece. */
export function sqlTokens(statement: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  const text = statement.slice(0, charactersMax);
  let at = 0;
  while (at < text.length) {
    const token = nextToken(text, at);
    tokens.push(token);
    at += token.text.length;
  }
  if (statement.length > charactersMax) tokens.push({ kind: "punctuation", text: statement.slice(charactersMax) });
  return tokens;
}

function nextToken(text: string, at: number): SqlToken {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined || found === "") continue;
    if (kind === "name" && keywords.has(found.toLowerCase())) return { kind: "keyword", text: found };
    return { kind, text: found };
  }
  return { kind: "punctuation", text: text.charAt(at) };
}
