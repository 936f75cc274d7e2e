import fc from "fast-check";
import type { HiddenColumn } from "../../../masking/index.ts";
import type { StatementFacts } from "../../facts.ts";

const CLASSES: Readonly<Record<string, string>> = { email: "email", phone: "phone", card: "card", ssn: "ssn" };

/** What must be hidden of a statement for somebody who may unmask nothing: the pipeline's rule for one table. */
export function hiddenFor(facts: StatementFacts, schema: string): HiddenColumn[] {
  const all = Object.entries(CLASSES).map(
    ([column, dataClass]): HiddenColumn => ({ schema, table: "customers", column, dataClass, strategy: "redact" }),
  );
  if (facts.unparsed || facts.opaque || facts.dynamic || facts.readsAnyClass) return all;
  const read = new Set<string>();
  for (const { columnsRead, object } of facts.accesses) {
    if (object.schema === schema && object.name === "customers") for (const column of columnsRead) read.add(column);
  }
  for (const { sources } of facts.lineage === "unknown" ? [] : (facts.lineage ?? [])) {
    for (const source of sources) if (source.schema === schema && source.table === "customers") read.add(source.column);
  }
  return all.filter((hidden) => read.has("*") || read.has(hidden.column));
}

const pick = (...texts: string[]) => fc.constantFrom(...texts);

/** An expression over the aliases that a FROM clause below offers; many do not fit and Postgres refuses them. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    pick(
      "email",
      "name",
      "id::text",
      "a.email",
      "a.phone",
      "a.card",
      "a.ssn",
      "a.city",
      "'x'",
      "a",
      "a::text",
      "c1",
      "b.note",
      "v.contact",
    ),
    fc
      .tuple(
        pick("upper", "reverse", "md5", "btrim", "quote_literal", "to_json", "max", "string_to_array"),
        tie("expression"),
      )
      .map(([name, inner]) => (name === "string_to_array" ? `(${name}(${inner}::text, '@'))[1]` : `${name}(${inner})`)),
    fc.tuple(tie("expression"), tie("expression")).map(([left, right]) => `(${left})::text || (${right})::text`),
    fc.tuple(tie("expression"), tie("expression")).map(([left, right]) => `coalesce(${left}, ${right})`),
    fc
      .tuple(tie("expression"), tie("expression"))
      .map(([left, right]) => `CASE WHEN true THEN ${left} ELSE ${right} END`),
    tie("expression").map((inner) => `ROW(${inner}, 1)`),
    tie("expression").map((inner) => `(ARRAY[${inner}])[1]`),
    tie("expression").map((inner) => `(SELECT ${inner})`),
    tie("expression").map((inner) => `jsonb_build_object('k', ${inner}) ->> 'k'`),
    tie("expression").map((inner) => `array_agg(${inner}) OVER ()`),
    tie("expression").map((inner) => `encode((${inner})::text::bytea, 'hex')`),
    fc.constant("(SELECT z.ssn FROM customers z WHERE z.id = 1)"),
    fc.constant("(SELECT row_to_json(z) FROM customers z WHERE z.id = 2)"),
    fc.constant("customer_email(3)"),
  ),
}));

const from = pick(
  "customers a",
  "customers a JOIN orders b ON b.id = a.id",
  "customers a(id, name, email, phone, card, ssn, city)",
  "customers a(id, email, name, city, phone, card, ssn)",
  "(SELECT * FROM customers) a",
  "(SELECT id, name AS email, email AS name, phone, card, ssn, city FROM customers) a",
  "customers a, LATERAL (SELECT a.card AS c1) l",
  "customer_contacts v, customers a",
  "all_customers() a",
  "customers a NATURAL JOIN customers q",
  "customers a JOIN customer_contacts v USING (id)",
  "(customers c JOIN orders o ON c.id = o.id) AS a(id, name, email, phone, card, ssn, city, c1)",
  "jsonb_populate_recordset(NULL::customers, (SELECT jsonb_agg(y) FROM customers y)) a",
);

const select = fc
  .tuple(fc.array(fc.oneof(expression, pick("*", "a.*", "a")), { minLength: 1, maxLength: 3 }), from)
  .map(([targets, source]) => `SELECT ${targets.join(", ")} FROM ${source}`);

const query = fc.oneof(
  select,
  select.map((inner) => `WITH w AS (${inner}) SELECT * FROM w`),
  select.map((inner) => `SELECT w FROM (${inner}) w`),
  select.map((inner) => `SELECT to_jsonb(w) FROM (${inner}) w`),
  select.map((inner) => `SELECT w.c1 FROM (${inner}) w(c1)`),
  fc.tuple(expression, from).map(([target, source]) => `SELECT 'x' UNION ALL SELECT (${target})::text FROM ${source}`),
  fc.tuple(expression, from).map(([target, source]) => `SELECT string_agg((${target})::text, ',') FROM ${source}`),
  select.map((inner) => `SELECT ARRAY(SELECT w FROM (${inner}) w)`),
);

/** Random queries over the corpus's schema, always the same. */
export function randomQueries(count: number): readonly string[] {
  return fc.sample(query, { numRuns: count, seed: 20_260_101 }).map((text) => `${text} LIMIT 3`);
}

/** FROM items of every kind, of which many share column names. */
const source = pick(
  "customers",
  "orders",
  "products",
  "customer_contacts",
  "contact_names",
  "measurements",
  "ONLY measurements_2025",
  "hr.people",
  "pg_class",
  "pg_stats",
  "information_schema.tables",
  "(SELECT 1 AS id, 2 AS note) s0",
  "(VALUES (1, 2), (3, 4)) v0(id, total)",
  "(TABLE orders) t0",
  "all_customers() f0",
  "contact_table(2) f1",
  "twice(3) f2",
  "atomic_total(1)",
  "current_date f3",
  "generate_series(1, 2) id",
  "generate_series(1, 2) WITH ORDINALITY AS f4(id, o)",
  "unnest(ARRAY[1, 2], ARRAY[3, 4]) f5(id, x)",
  "unnest(ARRAY(SELECT c FROM customers c)) f6",
  "json_each('{\"a\":1}') f7",
  "jsonb_to_recordset('[{\"id\":1}]') AS f8(id int, b text)",
  "jsonb_populate_record(NULL::customers, '{\"id\":1}') f9",
  "ROWS FROM (generate_series(1, 2), contact_table(1)) AS f10",
  "pg_get_keywords() f11",
  "regexp_matches('a', 'a') f12",
  "aclexplode(NULL::aclitem[]) f13",
  "JSON_TABLE('[{\"id\":1}]'::jsonb, '$[*]' COLUMNS (n FOR ORDINALITY, id int PATH '$.id', NESTED PATH '$.x' COLUMNS (z int PATH '$'))) f14",
  "XMLTABLE('/r' PASSING ('<r/>'::xml) COLUMNS id int PATH '.', o FOR ORDINALITY) f15",
);

const { item } = fc.letrec<{ item: string }>((tie) => {
  const two = fc.tuple(tie("item"), tie("item"), fc.nat(9_999));
  return {
    item: fc.oneof(
      { depthSize: "small" },
      source,
      fc
        .tuple(
          tie("item"),
          pick("JOIN", "LEFT JOIN", "FULL JOIN"),
          tie("item"),
          pick("USING (id)", "USING (id, note)", "USING (id) AS u", "ON true"),
        )
        .map(([left, join, right, on]) => `(${left} ${join} ${right} ${on})`),
      two.map(([left, right]) => `(${left} NATURAL JOIN ${right})`),
      two.map(([left, right]) => `(${left} CROSS JOIN ${right})`),
      two.map(([left, right, n]) => `(${left} JOIN ${right} USING (id)) AS j${n}(q1, q2)`),
      two.map(([inner, , n]) => `(SELECT * FROM ${inner}) AS s${n}`),
      two.map(([inner, , n]) => `LATERAL (SELECT * FROM ${inner}) AS l${n}`),
    ),
  };
});

const star = fc.oneof(
  item.map((from) => `SELECT * FROM ${from}`),
  fc.tuple(item, item).map(([left, right]) => `SELECT * FROM ${left}, ${right}`),
  item.map((from) => `WITH w AS (SELECT * FROM ${from}) SELECT w.*, 1 FROM w`),
);

/** Random `SELECT *` over joins of everything, always the same. */
export function randomStars(count: number): readonly string[] {
  return fc.sample(star, { numRuns: count, seed: 7 }).map((text) => `${text} LIMIT 1`);
}
