/** Expressions that do something, or look as if they did. */
const EXPRESSIONS = [
  "wipe()",
  "procedural(1)",
  "'a'::mail",
  "'a' === 1",
  "('x'::text).mail",
  "mail('x')",
  "'x'::text::pair",
  "(SELECT c FROM customers c LIMIT 1).sneaky",
  "(ARRAY[procedural(1)])[1]",
  "ARRAY['a']::mail[]",
  "array_in('{x}', 'mail'::regtype, -1)",
  "domain_in('x', 'mail'::regtype, -1)",
  "pg_input_is_valid('x', 'mail')",
  "json_value('{\"a\":1}'::jsonb, '$.a' RETURNING mail)",
  "xmlserialize(CONTENT '<a/>'::xml AS mail)",
  "nextval('tickets')",
  "setval('tickets', 1)",
  "pg_notify('a', 'b')",
  "lo_create(0)",
  "pg_logical_emit_message(true, 'a', 'b')",
  "query_to_xml('delete from orders', true, true, '')",
  "ts_rewrite('a'::tsquery, 'select ''a''::tsquery, ''b''::tsquery')",
  "customer_email(1)",
  "public.twice(2)",
  "gen_random_uuid()",
];

/** Places where an expression may stand. */
const SPOTS: readonly ((expression: string) => string)[] = [
  (it) => `SELECT ${it}`,
  (it) => `VALUES ((${it}))`,
  (it) => `SELECT 1 WHERE (${it}) IS NOT NULL`,
  (it) => `SELECT 1 FROM orders ORDER BY (${it})::text LIMIT 1`,
  (it) => `SELECT 1 FROM orders GROUP BY (${it})::text`,
  (it) => `SELECT DISTINCT ON ((${it})::text) 1`,
  (it) => `SELECT count(*) FILTER (WHERE (${it}) IS NULL) FROM orders`,
  (it) => `SELECT max((${it})::text) OVER () FROM orders LIMIT 1`,
  (it) => `SELECT sum(1) OVER (PARTITION BY (${it})::text)`,
  (it) => `SELECT string_agg('a', (${it})::text) FROM orders`,
  (it) => `SELECT * FROM orders o JOIN customers c ON (${it}) IS NULL LIMIT 1`,
  (it) => `SELECT * FROM unnest(ARRAY[(${it})::text]) u`,
  (it) => `SELECT * FROM JSON_TABLE(to_jsonb((${it})::text), '$' COLUMNS (a text PATH '$'))`,
  (it) => `SELECT * FROM orders TABLESAMPLE bernoulli (10) REPEATABLE (length((${it})::text))`,
  (it) => `SELECT CASE WHEN (${it}) IS NULL THEN 1 END`,
  (it) => `SELECT (${it}) IS DISTINCT FROM NULL`,
  (it) => `SELECT coalesce((${it})::text, '')`,
  (it) => `SELECT JSON_OBJECT('a': (${it})::text)`,
  (it) => `SELECT xmlelement(name x, xmlattributes((${it})::text AS y))`,
];

/** Statements that another statement may stand in. */
const WRAPPERS: readonly ((statement: string) => string)[] = [
  (it) => `WITH z AS (${it}) SELECT * FROM z`,
  (it) => `WITH z AS (${it}) SELECT 1`,
  (it) => `SELECT * FROM (${it}) z`,
  (it) => `SELECT (${it})`,
  (it) => `SELECT EXISTS (${it})`,
  (it) => `SELECT 1 WHERE 1 IN (${it})`,
  (it) => `SELECT ARRAY(${it})`,
  (it) => `(${it}) UNION ALL (${it})`,
  (it) => `SELECT 1 FROM customers c, LATERAL (${it}) z LIMIT 1`,
  (it) => `SELECT 1 ORDER BY (${it})`,
  (it) => `SELECT 1 LIMIT (${it})`,
  (it) => `SELECT 1; ${it}`,
  (it) => `EXPLAIN ${it}`,
  (it) => `EXPLAIN ANALYZE ${it}`,
  (it) => `EXPLAIN (ANALYZE, TIMING off) ${it}`,
  (it) => `DECLARE z CURSOR FOR ${it}`,
  (it) => `PREPARE z AS ${it}`,
];

/** Every expression in every place, and every statement inside every other. */
export function generatedStatements(statements: readonly string[]): readonly string[] {
  const plain = EXPRESSIONS.flatMap((expression) => SPOTS.map((spot) => spot(expression)));
  const inner = [...statements.map((text) => text.replace(/;\s*$/, "")), ...EXPRESSIONS.map((it) => `SELECT ${it}`)];
  return [...new Set([...plain, ...inner.flatMap((text) => WRAPPERS.map((wrap) => wrap(text)))])];
}
