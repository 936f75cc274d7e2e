import type { Parser } from "./parser.ts";

/** One SQL text inside a PL/pgSQL body. */
export interface EmbeddedText {
  readonly text: string;
  /** a whole statement, or an expression that PL/pgSQL reads as `SELECT …` */
  readonly form: "statement" | "expression";
  /** its value is run as SQL */
  readonly dynamic: boolean;
}

/** What a PL/pgSQL body is made of, as far as its effect goes. The order of execution is left out. */
export interface ProceduralBody {
  readonly texts: readonly EmbeddedText[];
  /** names of variables, arguments, records and loop counters, folded to lower case where they were not quoted */
  readonly variables: readonly string[];
  /** types that values are converted to on assignment */
  readonly types: readonly string[];
  /** opens a cursor that outlives the body under a name of its own */
  readonly opensCursors: boolean;
  /** reads the messages of caught errors, which quote values of rows that nobody named */
  readonly readsErrors: boolean;
}

/** Bodies larger than this are not opened. In UTF-16 units. */
const BODY_UNITS_MAX = 262_144;

/** Every kind of node the parser gives; one that is not named here is not understood. */
const KNOWN = new Set(
  `function var rec recfield row type expr stmt_block exception_block exception condition stmt_assign stmt_if if_elsif
  stmt_case case_when stmt_loop stmt_while stmt_fori stmt_fors stmt_forc stmt_foreach_a stmt_exit stmt_return
  stmt_return_next stmt_return_query stmt_raise raise_option stmt_assert stmt_execsql stmt_dynexecute stmt_dynfors
  stmt_getdiag diag_item stmt_open stmt_fetch stmt_close stmt_perform stmt_call stmt_commit stmt_rollback`
    .split(/\s+/)
    .map((kind) => `PLpgSQL_${kind}`),
);

/** Fields whose expression gives a text that is run. `query` is one only of the statements that run texts. */
const DYNAMIC_FIELDS: Readonly<Record<string, string>> = {
  PLpgSQL_stmt_dynexecute: "query",
  PLpgSQL_stmt_dynfors: "query",
  PLpgSQL_stmt_open: "dynquery",
  PLpgSQL_stmt_return_query: "dynquery",
};

/**
 * Takes a CREATE FUNCTION or DO in PL/pgSQL apart with PostgreSQL's own grammar. Undefined when any part of it is not
 * understood: then nothing is known of what it does.
 */
export function proceduralBody(source: string, parser: Parser): ProceduralBody | undefined {
  if (source.length > BODY_UNITS_MAX) return undefined;
  const parsed = parser.parseProcedural(source);
  if (parsed.ok) return takeApart(parsed.tree, source);
  // The parser has no catalogue, so it takes `t%ROWTYPE` for a scalar; `t` alone means the same.
  const plain = withoutRowType(source);
  const again = plain === undefined ? undefined : parser.parseProcedural(plain);
  return again?.ok ? takeApart(again.tree, source) : undefined;
}

/** Strings, quoted names, comments and dollar quotes with a tag inside stay as they are. */
const SKIPPED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|%\s*rowtype\b/gi;

function withoutRowType(source: string): string | undefined {
  if (source.includes("\\") || !/%\s*rowtype\b/i.test(source)) return undefined;
  return source.replaceAll(SKIPPED, (match) => (match.startsWith("%") ? " ".repeat(match.length) : match));
}

interface Growing {
  readonly texts: EmbeddedText[];
  readonly variables: Set<string>;
  readonly types: Set<string>;
  opensCursors: boolean;
  readsErrors: boolean;
}

function takeApart(tree: object, source: string): ProceduralBody | undefined {
  const functions = "plpgsql_funcs" in tree && Array.isArray(tree.plpgsql_funcs) ? tree.plpgsql_funcs : [];
  if (functions.length !== 1) return undefined;
  const found: Growing = {
    texts: [],
    variables: new Set(),
    types: new Set(),
    opensCursors: false,
    // a plain RETURN of it is a number in the tree
    readsErrors: /sqlerrm/i.test(source),
  };
  if (!walk(functions[0], { kind: "", field: "" }, found)) return undefined;
  return { ...found, variables: [...found.variables], types: [...found.types] };
}

interface Place {
  /** of the message that holds the value */
  readonly kind: string;
  readonly field: string;
}

/** False as soon as something is not understood. */
function walk(value: unknown, at: Place, found: Growing): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every((item) => walk(item, at, found));
  return Object.entries(value).every(([key, inner]) => {
    if (!key.startsWith("PLpgSQL_")) return walk(inner, { kind: at.kind, field: key }, found);
    if (!KNOWN.has(key)) return false;
    return message(key, inner, at, found) && walk(inner, { kind: key, field: "" }, found);
  });
}

function message(kind: string, body: unknown, at: Place, found: Growing): boolean {
  if (typeof body !== "object" || body === null) return false;
  if (kind === "PLpgSQL_expr") return embedded(body, at, found);
  if ("refname" in body && typeof body.refname === "string") found.variables.add(body.refname);
  if ("typname" in body && typeof body.typname === "string") found.types.add(body.typname);
  if (kind === "PLpgSQL_stmt_open") found.opensCursors = true;
  if (kind === "PLpgSQL_stmt_getdiag" && "is_stacked" in body && body.is_stacked) found.readsErrors = true;
  return true;
}

/** Modes of `raw_parser`: a statement, a type's name, an expression, an assignment to a variable or to its fields. */
function embedded(expr: object, at: Place, found: Growing): boolean {
  if (!("query" in expr) || typeof expr.query !== "string") return false;
  const mode = "parseMode" in expr ? expr.parseMode : undefined;
  const text = expr.query;
  const dynamic = at.field !== "" && DYNAMIC_FIELDS[at.kind] === at.field;
  if (mode === 0 && !dynamic) found.texts.push({ text, form: "statement", dynamic });
  else if (mode === 2) found.texts.push({ text, form: "expression", dynamic });
  else if (mode === 3 || mode === 4 || mode === 5) return assignment(text, found);
  else return false;
  return true;
}

/** `target := value` or `target = value`; the target may be subscripted by expressions. */
function assignment(text: string, found: Growing): boolean {
  const split = splitAssignment(text);
  if (!split) return false;
  found.texts.push({ text: split.value, form: "expression", dynamic: false });
  if (split.target.includes("[")) found.texts.push({ text: split.target, form: "expression", dynamic: false });
  return true;
}

/** Where the first `:=` or `=` outside brackets and quoted names stands. Strings and comments before it: not understood. */
function splitAssignment(text: string): { readonly target: string; readonly value: string } | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === "'" || text.startsWith("--", at) || text.startsWith("/*", at) || text.startsWith("$$", at))
      return undefined;
    if (sign === '"') {
      at = text.indexOf('"', at + 1);
      if (at < 0) return undefined;
    } else if (sign === "[" || sign === "(") depth += 1;
    else if (sign === "]" || sign === ")") depth -= 1;
    else if (depth === 0 && text.startsWith(":=", at)) return { target: text.slice(0, at), value: text.slice(at + 2) };
    else if (depth === 0 && sign === "=") return { target: text.slice(0, at), value: text.slice(at + 1) };
  }
  return undefined;
}
