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
  octet_length bit_length md5 quote_literal quote_nullable reverse ascii starts_with position strpos replace translate
  num_nulls num_nonnulls to_char coalesce date_trunc extract date_part
`);

/** The one argument, by its place, that has to be a unit's name or a format. */
export const FAILING_ARGUMENTS: ReadonlyMap<string, number> = new Map([
  ["date_trunc", 0],
  ["date_part", 0],
  ["extract", 0],
  ["to_char", 1],
]);
