import type { Node } from "libpg-query";

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/**
 * What gives a result for every value: whether it fails tells nothing of what it was given. Anything else that is fed a
 * column may fail for some of its values, which shows even where the result is masked.
 */
export const NEVER_FAILING_OPERATORS = words("|| = <> != < > <= >= ~~ !~~ ~~* !~~* @> <@ && ? ?| ?& -> ->>");

/** Of these only the right side, a pattern, can fail: it may not end with its escape. */
export const PATTERN_OPERATORS = words("~~ !~~ ~~* !~~*");

/** Casts to these keep any text as it is. */
export const NEVER_FAILING_CASTS = words("text varchar bpchar name unknown");

/** Functions and aggregates of the same kind, their argument of `FAILING_ARGUMENTS` apart. */
export const NEVER_FAILING_FUNCTIONS = words(`
  count min max sum avg array_agg string_agg json_agg jsonb_agg json_object_agg jsonb_object_agg bool_and bool_or every
  row_number rank dense_rank percent_rank cume_dist lag lead first_value last_value any_value
  row_to_json to_json to_jsonb json_build_object jsonb_build_object json_build_array jsonb_build_array json_strip_nulls
  jsonb_strip_nulls concat concat_ws upper lower initcap trim btrim ltrim rtrim length char_length character_length
  octet_length bit_length md5 quote_literal quote_nullable reverse ascii starts_with position strpos translate
  num_nulls num_nonnulls to_char coalesce date_trunc extract date_part
`);

/** The one argument, by its place, that has to be a unit's name or a format. */
export const FAILING_ARGUMENTS: ReadonlyMap<string, number> = new Map([
  ["date_trunc", 0],
  ["date_part", 0],
  ["extract", 0],
  ["to_char", 1],
]);

/** XML constructors that take any text. The others parse, or refuse some texts. */
const NEVER_FAILING_XML = words("IS_XMLCONCAT IS_XMLELEMENT IS_XMLFOREST IS_DOCUMENT");

/**
 * Whether a construct with a syntax of its own may fail for some of the values it is given: it parses them, follows a
 * path that may find nothing, refuses a key that is there twice, or fits them into a type.
 */
export function canFail(node: Node): boolean {
  if ("JsonParseExpr" in node || "JsonSerializeExpr" in node || "JsonFuncExpr" in node) return true;
  if ("JsonValueExpr" in node) return node.JsonValueExpr.format?.format_type === "JS_FORMAT_JSON";
  if ("JsonObjectConstructor" in node) {
    return node.JsonObjectConstructor.unique === true || node.JsonObjectConstructor.output !== undefined;
  }
  if ("JsonArrayConstructor" in node) return node.JsonArrayConstructor.output !== undefined;
  if ("JsonObjectAgg" in node) {
    return node.JsonObjectAgg.unique === true || node.JsonObjectAgg.constructor?.output !== undefined;
  }
  if ("JsonArrayAgg" in node) return node.JsonArrayAgg.constructor?.output !== undefined;
  if ("XmlSerialize" in node) return true;
  return "XmlExpr" in node && !NEVER_FAILING_XML.has(node.XmlExpr.op ?? "");
}

/** Functions whose arguments are keys and values by turns, and aggregates whose first argument is a key. */
const ALTERNATING = words("json_build_object jsonb_build_object");
const KEYED = words("json_object_agg jsonb_object_agg");

/** Those of a function's arguments that are keys of a document. */
export function keysAmong<T>(called: string, args: readonly T[]): readonly T[] {
  if (ALTERNATING.has(called)) return args.filter((_, at) => at % 2 === 0);
  return KEYED.has(called) ? args.slice(0, 1) : [];
}

/** The keys of SQL/JSON's constructors. */
export function keyNodes(node: Node): readonly Node[] {
  if ("JsonKeyValue" in node) return node.JsonKeyValue.key ? [node.JsonKeyValue.key] : [];
  const key = "JsonObjectAgg" in node ? node.JsonObjectAgg.arg?.key : undefined;
  return key ? [key] : [];
}
