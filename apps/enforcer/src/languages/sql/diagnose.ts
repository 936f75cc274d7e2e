import type { Catalogue, FactObject, SqlSessionSettings, StatementFacts } from "../facts.ts";
import type { Diagnosis, Mistake } from "../language.ts";
import { findFunctions, findRelation, sessionPath } from "./names.ts";
import type { Parser } from "./parser.ts";
import { textsOf } from "./tree.ts";

/** What a refused text is looked at with. */
export interface DiagnosisInput {
  readonly parser: Parser;
  readonly settings: SqlSessionSettings;
  readonly catalogue: Catalogue;
}

/** A larger text is not parsed again for the sake of its refusal's position. In UTF-16 units. */
const UNITS_MAX = 16_384;

/**
 * What a refused text gets wrong by itself, in the server's own words, and where it names what was refused. Only what is
 * certain by grammar and catalogue: names that temporary objects may stand for are left out. Total.
 */
export function diagnoseText(
  text: string,
  statements: readonly StatementFacts[],
  refused: { readonly statement: number; readonly object: FactObject },
  input: DiagnosisInput,
): Diagnosis {
  const facts = statements[refused.statement];
  if (!facts) return {};
  const syntax = /^syntax error\b/.test(facts.reason ?? "") && facts.unparsed ? facts.reason : undefined;
  if (text.length > UNITS_MAX) return syntax === undefined ? {} : { mistake: { kind: "syntax", message: syntax } };
  const outcome = input.parser.parse(text);
  if (!outcome.ok) {
    if (outcome.position === undefined) return {};
    return { mistake: { kind: "syntax", message: outcome.reason }, position: outcome.position + 1 };
  }
  const node = outcome.statements[refused.statement]?.node;
  if (!node) return {};
  const named = namesIn(node);
  const wrong = mistakeIn(named, new Set(facts.unresolved), input);
  if (wrong) return { mistake: wrong.mistake, ...positionOf(text, wrong.at) };
  return positionOf(text, placeOf(refused.object, named) ?? onlyMention(text, facts, refused.object));
}

/** A name as the text has it, at a byte of the text where the grammar tells it. */
interface Name {
  readonly kind: "relation" | "function" | "column";
  readonly parts: readonly string[];
  readonly argumentCount: number;
  readonly at: number | undefined;
}

interface NamesOfText {
  readonly names: readonly Name[];
  /** names of WITH queries */
  readonly queries: ReadonlySet<string>;
}

function namesIn(node: unknown): NamesOfText {
  const names: Name[] = [];
  const queries = new Set<string>();
  for (const part of parts(node)) {
    if (typeof part.ctename === "string") queries.add(part.ctename);
    const name = nameOf(part);
    if (name) names.push(name);
  }
  return { names, queries };
}

function nameOf(part: Readonly<Record<string, unknown>>): Name | undefined {
  const at = typeof part.location === "number" && part.location >= 0 ? part.location : undefined;
  if (typeof part.relname === "string") {
    const schema = typeof part.schemaname === "string" && part.schemaname !== "" ? [part.schemaname] : [];
    return { kind: "relation", parts: [...schema, part.relname], argumentCount: 0, at };
  }
  const argumentCount = Array.isArray(part.args) ? part.args.length : 0;
  if (Array.isArray(part.funcname)) return { kind: "function", parts: textsOf(part.funcname), argumentCount, at };
  if (Array.isArray(part.fields)) return { kind: "column", parts: textsOf(part.fields), argumentCount, at };
  return undefined;
}

/** Every message of a tree, outer ones first. */
function* parts(value: unknown): Generator<Readonly<Record<string, unknown>>> {
  if (Array.isArray(value)) for (const item of value) yield* parts(item);
  else if (isMessage(value)) {
    yield value;
    for (const item of Object.values(value)) yield* parts(item);
  }
}

function isMessage(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Wrong {
  readonly mistake: Mistake;
  readonly at: number | undefined;
}

/** Relations are looked up before what is selected from them; of each kind the first in the text. */
function mistakeIn(
  { names, queries }: NamesOfText,
  unresolved: ReadonlySet<string>,
  { catalogue, settings }: DiagnosisInput,
): Wrong | undefined {
  if (unresolved.size === 0) return undefined;
  const path = sessionPath(settings);
  const temporary = settings.temporaryNames;
  for (const { at, kind, parts } of names) {
    const [name = "", schema] = parts.toReversed();
    if (kind !== "relation" || !unresolved.has(parts.join("."))) continue;
    const mayBeTemporary = temporary === "any" || temporary?.includes(name) || schema?.startsWith("pg_temp");
    if (mayBeTemporary || (schema === undefined && queries.has(name))) return undefined;
    if (!findRelation(catalogue, path, { schema, name }, temporary)) return missing("relation", parts, at);
  }
  for (const { argumentCount, at, kind, parts } of names) {
    const [name = "", schema] = parts.toReversed();
    if (
      kind === "function" &&
      unresolved.has(parts.join(".")) &&
      findFunctions(catalogue, path, { schema, name }).length === 0
    )
      return missingFunction(parts, argumentCount, at);
    if (kind === "column" && (unresolved.has(name) || unresolved.has(parts.join("."))))
      return missingColumn(parts, unresolved, at);
  }
  return undefined;
}

function missing(kind: "relation", parts: readonly string[], at: number | undefined): Wrong {
  return { mistake: { kind, message: `relation "${parts.join(".")}" does not exist` }, at };
}

function missingFunction(parts: readonly string[], argumentCount: number, at: number | undefined): Wrong {
  const name = parts.join(".");
  const hint =
    argumentCount === 1
      ? `There is no function of that name. If it is a type, write CAST(... AS ${name}).`
      : "There is no function of that name.";
  return { mistake: { kind: "function", message: `function ${name} does not exist`, hint }, at };
}

function missingColumn(parts: readonly string[], unresolved: ReadonlySet<string>, at: number | undefined): Wrong {
  const name = parts.join(".");
  if (parts.length === 1) return { mistake: { kind: "column", message: `column "${name}" does not exist` }, at };
  if (!unresolved.has(name)) return { mistake: { kind: "column", message: `column ${name} does not exist` }, at };
  const message = `missing FROM-clause entry for table "${parts.at(-2)}"`;
  return { mistake: { kind: "relation", message }, at };
}

/** Where the text first names an object. */
function placeOf(object: FactObject, { names }: NamesOfText): number | undefined {
  const kind = object.kind === "function" ? "function" : "relation";
  if (object.kind === "database") return undefined;
  const found = names.find((name) => {
    const [last, schema] = name.parts.toReversed();
    if (name.kind !== kind || name.at === undefined) return false;
    // the object of a CREATE is the schema that the new name goes to
    return object.kind === "schema" || (last === object.name && (schema ?? object.schema) === object.schema);
  });
  return found?.at;
}

/** The grammar keeps no place of names in DROP and the like: the only mention in the statement is it. */
function onlyMention(text: string, { span }: StatementFacts, object: FactObject): number | undefined {
  if (!/^[a-z_][a-z0-9_]*$/.test(object.name)) return undefined;
  const statement = Buffer.from(text)
    .subarray(...span)
    .toString("latin1");
  const [first, ...others] = statement.matchAll(new RegExp(`(?<![\\w$])${object.name}(?![\\w$])`, "gi"));
  return first && others.length === 0 ? span[0] + first.index : undefined;
}

/** Characters from 1, as the server counts them. */
function positionOf(text: string, at: number | undefined): { readonly position?: number } {
  if (at === undefined) return {};
  return { position: Array.from(Buffer.from(text).subarray(0, at).toString()).length + 1 };
}
