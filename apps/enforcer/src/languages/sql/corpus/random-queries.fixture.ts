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
