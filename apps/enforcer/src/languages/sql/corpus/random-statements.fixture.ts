import type { Catalogue, CatalogueFunction } from "../../facts.ts";

/** A whole number below the bound. */
type Random = (below: number) => number;

/** A seeded generator of numbers (mulberry32), so that every generated statement can be made again. */
function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

/** What a generated statement may name. */
export interface Vocabulary {
  /** "name/argument count" of functions, the server's own and others */
  readonly functions: readonly string[];
}

type Make = (g: Generator) => string;

const TABLES =
  "customers orders products measurements measurements_2025 generated tracked tracked_parts guarded numbered ruled stamped changes dynamic_trigger hr.people".split(
    " ",
  );
const VIEWS = "customer_contacts contact_names mat_contacts pg_catalog.pg_class information_schema.tables".split(" ");
const COLUMNS = "id name email total note city label n owner customer_id a.id a.email b.id created touched".split(" ");
const LITERALS = [
  "1",
  "0",
  "-1",
  "2.5",
  "NULL",
  "'a'",
  "''",
  "'1'",
  "true",
  "'{}'",
  "'orders'",
  "'tickets'",
  "'orders'::regclass",
  "$$x$$",
  "$q$'$q$",
  "U&'\\0061'",
  "E'a\\nb'",
  "DATE '2025-01-01'",
  "INTERVAL '1 day'",
  "B'101'",
  "ARRAY[1,2]",
  "'{1,2}'::int[]",
  "'[1]'::jsonb",
  "'<a/>'::xml",
  "now()",
  "'select 1'",
  "'delete from orders'",
  "1e3",
  "current_user",
  "'\\x00'::bytea",
  "'a'::tsvector",
];
const UNTYPED = [
  "'1'",
  "'0'",
  "'a'",
  "'{}'",
  "'orders'",
  "'customers'",
  "'2025-01-01'",
  "'1 day'",
  "NULL",
  "'t'",
  "'select * from customers'",
  "'delete from orders'",
  "'tickets'",
  "'[1]'",
  "'(1,1)'",
  "'{1,2}'",
  "'<a/>'",
  "'work_mem'",
  "'public'",
  "'16384'",
];
const TYPES = "int text mail pair jsonb regclass numeric(10,2) text[] date bool xml customers bytea oid name".split(
  " ",
);
const OPERATORS = "= <> < > <= >= + - * / % || ~ ~~ === && @> -> ->> IS".split(" ");

/** Makes random statements of PostgreSQL's grammar: honest ones, hostile ones, and many that the server refuses. */
class Generator {
  readonly #random: Random;
  readonly #functions: readonly string[];
  #left = 0;

  constructor(seed: number, vocabulary: Vocabulary) {
    this.#random = seeded(seed);
    this.#functions = vocabulary.functions;
  }

  statement(): string {
    this.#left = 14;
    return this.disguised(this.pick(STATEMENTS)(this));
  }

  pick<T>(from: readonly T[]): T {
    const chosen = from[this.#random(from.length)];
    if (chosen === undefined) throw new RangeError("nothing to choose from");
    return chosen;
  }

  chance(percent: number): boolean {
    return this.#random(100) < percent;
  }

  maybe(percent: number, make: () => string): string {
    return this.chance(percent) ? make() : "";
  }

  list(most: number, make: () => string): string {
    return Array.from({ length: 1 + this.#random(most) }, make).join(", ");
  }

  /** True while there is room for something nested. */
  deeper(): boolean {
    this.#left -= 1;
    return this.#left > 0;
  }

  expression(): string {
    if (!this.deeper() || this.chance(30)) return this.chance(50) ? this.pick(COLUMNS) : this.pick(LITERALS);
    return this.pick(EXPRESSIONS)(this);
  }

  call(): string {
    const [name = "", count = "0"] = this.pick(this.#functions).split("/");
    const most = Number(count);
    return `${name}(${Array.from({ length: most }, () => this.expression()).join(", ")})`;
  }

  /** Literals of no type yet fit nearly any argument. */
  plainCall(): string {
    const [name = "", count = "0"] = this.pick(this.#functions).split("/");
    return `${name}(${Array.from({ length: Number(count) }, () => this.pick(UNTYPED)).join(", ")})`;
  }

  from(): string {
    if (!this.deeper() || this.chance(40))
      return `${this.pick(this.chance(70) ? TABLES : VIEWS)} ${this.pick(["a", "b", "c"])}`;
    return this.pick(SOURCES)(this);
  }

  select(): string {
    if (this.deeper() && this.chance(12))
      return `${this.select()} ${this.pick(["UNION", "UNION ALL", "INTERSECT", "EXCEPT"])} ${this.select()}`;
    const target = this.chance(25) ? "*" : this.list(3, () => `${this.expression()}${this.maybe(20, () => " AS x")}`);
    return `${this.maybe(12, () => this.with())}SELECT ${this.maybe(8, () => "DISTINCT ")}${target}${this.maybe(80, () => ` FROM ${this.from()}`)}${this.maybe(45, () => ` WHERE ${this.condition()}`)}${this.maybe(8, () => ` GROUP BY ${this.expression()}`)}${this.maybe(4, () => ` HAVING ${this.condition()}`)}${this.maybe(15, () => ` ORDER BY ${this.expression()}`)}${this.maybe(15, () => ` LIMIT ${this.chance(80) ? "5" : this.expression()}`)}${this.maybe(4, () => " FOR UPDATE")}`;
  }

  with(): string {
    const query = this.chance(45) ? this.write() : this.select();
    return `WITH ${this.maybe(15, () => "RECURSIVE ")}${this.pick(["w", "orders", "customers"])} AS ${this.pick(["", "MATERIALIZED ", "NOT MATERIALIZED "])}(${query}) `;
  }

  condition(): string {
    if (!this.deeper()) return "id = 1";
    return this.pick(CONDITIONS)(this);
  }

  write(): string {
    this.deeper();
    return this.pick(WRITES)(this);
  }

  returning(): string {
    return this.maybe(40, () => ` RETURNING ${this.chance(40) ? "*" : this.expression()}`);
  }

  table(): string {
    return this.chance(92) ? this.pick(TABLES) : this.pick(VIEWS);
  }

  /** The same statement in other clothes: case, comments, whitespace, quotes, Unicode escapes. */
  disguised(text: string): string {
    let made = text;
    if (this.chance(10))
      made = made.replaceAll(/ (?=[^'$]*$)/g, this.pick(["/**/", "\n", "\t", " -- x\n", "/* /* */ */"]));
    if (this.chance(6))
      made = made.replaceAll(/\b(SELECT|FROM|WHERE|DELETE|UPDATE|INSERT)\b/g, (word) => word.toLowerCase());
    if (this.chance(5)) made = made.replaceAll(/\borders\b(?!')/g, '"orders"');
    if (this.chance(4)) made = made.replaceAll(/\borders\b(?!')/g, 'U&"\\006frders"');
    if (this.chance(4)) made = `${made};`;
    return made;
  }
}

const EXPRESSIONS: readonly Make[] = [
  (g) => g.call(),
  (g) => g.call(),
  (g) => g.call(),
  (g) => `${g.expression()} ${g.pick(OPERATORS)} ${g.expression()}`,
  (g) => `(${g.expression()})::${g.pick(TYPES)}`,
  (g) => `CAST(${g.expression()} AS ${g.pick(TYPES)})`,
  (g) => `CASE WHEN ${g.condition()} THEN ${g.expression()} ELSE ${g.expression()} END`,
  (g) => `coalesce(${g.expression()}, ${g.expression()})`,
  (g) => `(${g.select()})`,
  (g) => `ARRAY(${g.select()})`,
  (g) => `ARRAY[${g.expression()}]`,
  (g) => `ROW(${g.expression()}, ${g.expression()})`,
  (g) => `(${g.pick(["a", "b", "c"])}).${g.pick(["sneaky", "email", "id", "email_of"])}`,
  (g) => `count(*) FILTER (WHERE ${g.condition()})`,
  (g) => `max(${g.expression()}) OVER (PARTITION BY ${g.expression()})`,
  (g) => `JSON_OBJECT('k': ${g.expression()})`,
  (g) => `JSON_VALUE(${g.expression()}::jsonb, '$' RETURNING ${g.pick(TYPES)})`,
  (g) => `xmlelement(name e, ${g.expression()})`,
  (g) => `EXTRACT(epoch FROM ${g.expression()})`,
];

const CONDITIONS: readonly Make[] = [
  (g) => `${g.expression()} = ${g.expression()}`,
  (g) => `id = ${g.pick(["1", "2", "3"])}`,
  (g) => `${g.expression()} IN (${g.select()})`,
  (g) => `EXISTS (${g.select()})`,
  (g) => `${g.expression()} IS NOT NULL`,
  (g) => `${g.condition()} AND ${g.condition()}`,
  (g) => `NOT (${g.condition()})`,
  (g) => `${g.call()} IS NULL`,
  (g) => `${g.expression()} ${g.pick(["LIKE", "ILIKE", "SIMILAR TO"])} ${g.expression()}`,
  (g) => `${g.expression()} BETWEEN ${g.expression()} AND ${g.expression()}`,
];

const SOURCES: readonly Make[] = [
  (g) => `(${g.select()}) ${g.pick(["a", "b"])}`,
  (g) => `(${g.select()}) ${g.pick(["a", "b"])}(id, email)`,
  (g) => `${g.call()} ${g.pick(["a", "b"])}`,
  (g) => `ROWS FROM (${g.call()}, ${g.call()}) b`,
  (g) => `${g.from()} ${g.pick(["JOIN", "LEFT JOIN", "FULL JOIN"])} ${g.from()} ON ${g.condition()}`,
  (g) => `${g.from()}, LATERAL (${g.select()}) l`,
  (g) => `${g.from()} CROSS JOIN ${g.from()}`,
  (g) => `${g.pick(TABLES)} a TABLESAMPLE bernoulli (${g.expression()})`,
  (g) => `(VALUES (${g.expression()}, ${g.expression()})) a(id, email)`,
  (g) => `JSON_TABLE(${g.expression()}::jsonb, '$' COLUMNS (id int PATH '$')) a`,
  () => "ONLY orders b",
  () => "w",
];

const WRITES: readonly Make[] = [
  (g) => `DELETE FROM ${g.table()} a WHERE ${g.condition()}${g.returning()}`,
  (g) =>
    `UPDATE ${g.table()} a SET ${g.pick(["id", "email", "note", "label", "n"])} = ${g.expression()} WHERE ${g.condition()}${g.returning()}`,
  (g) => `INSERT INTO ${g.table()} VALUES (${g.list(3, () => g.expression())})${g.returning()}`,
  (g) =>
    `INSERT INTO ${g.table()}(id) ${g.select()} ON CONFLICT ${g.pick(["DO NOTHING", "(id) DO UPDATE SET id = 1"])}${g.returning()}`,
  (g) => `INSERT INTO ${g.table()} DEFAULT VALUES${g.returning()}`,
  (g) =>
    `MERGE INTO ${g.table()} a USING ${g.from()} ON ${g.condition()} WHEN MATCHED THEN ${g.pick(["DELETE", "UPDATE SET id = 5", "DO NOTHING"])} WHEN NOT MATCHED THEN INSERT (id) VALUES (${g.expression()})`,
];

/** Procedural blocks, whose parts are of the same grammar. */
const BLOCKS: readonly Make[] = [
  (g) => `PERFORM ${g.expression()}`,
  (g) => g.write().replace(/ RETURNING .*$/s, ""),
  (g) => `IF ${g.condition()} THEN ${g.pick(BLOCKS)(g)}; END IF`,
  (g) => `FOR r IN ${g.select()} LOOP ${g.pick(BLOCKS)(g)}; END LOOP`,
  (g) => `v := ${g.expression()}`,
  (g) => `EXECUTE '${g.select().replaceAll("'", "''")}'`,
  (g) => `EXECUTE 'DELETE FROM ' || ${g.expression()}`,
  (g) => `SELECT ${g.expression()} INTO v`,
  () => "NULL",
];

const STATEMENTS: readonly Make[] = [
  (g) => g.select(),
  (g) => g.select(),
  (g) => g.select(),
  (g) => g.select(),
  (g) => g.write(),
  (g) => g.write(),
  (g) => `${g.with()}${g.write()}`,
  (g) =>
    `EXPLAIN ${g.pick(["", "ANALYZE ", "(ANALYZE, COSTS off) ", "VERBOSE "])}${g.chance(50) ? g.write() : g.select()}`,
  (g) => `PREPARE p AS ${g.chance(50) ? g.write() : g.select()}`,
  (g) => `DECLARE c CURSOR FOR ${g.select()}`,
  (g) => `SELECT ${g.plainCall()}`,
  (g) => `SELECT ${g.plainCall()}`,
  (g) => `SELECT ${g.plainCall()}`,
  (g) => `SELECT * FROM ${g.plainCall()}`,
  (g) => `SELECT id FROM ${g.pick(TABLES)} WHERE ${g.plainCall()} IS NOT NULL LIMIT 2`,
  (g) => `CALL ${g.call()}`,
  (g) => `VALUES (${g.expression()}, ${g.expression()})`,
  (g) => `TABLE ${g.table()}`,
  (g) => `DO $b$ DECLARE r record; v text; BEGIN ${g.pick(BLOCKS)(g)}; ${g.pick(BLOCKS)(g)}; END $b$`,
  (g) => `SELECT ${g.expression()} INTO ${g.pick(["TEMP made", "made"])} FROM ${g.from()}`,
  (g) => `CREATE ${g.pick(["TEMP ", ""])}TABLE made AS ${g.select()}`,
  (g) => `CREATE ${g.pick(["TEMP ", ""])}VIEW made AS ${g.select()}`,
  (g) => `${g.select()}; ${g.chance(50) ? g.write() : g.select()}`,
  (g) =>
    `SET ${g.pick(["LOCAL ", "SESSION ", ""])}${g.pick(["search_path = hr", "work_mem = '4MB'", "ROLE NONE", "standard_conforming_strings = off", "app.user = '1'"])}`,
  (g) => `GRANT SELECT ON ${g.pick(TABLES)} TO PUBLIC`,
  (g) => `REFRESH MATERIALIZED VIEW mat_contacts`.concat(g.maybe(30, () => " WITH NO DATA")),
  (g) => `LOCK TABLE ${g.pick(TABLES)} IN ACCESS SHARE MODE`,
  (g) => `COMMENT ON TABLE ${g.pick(TABLES)} IS ${g.pick(["'x'", "NULL"])}`,
];

/** The functions of a catalogue that a statement can call by name; the corpus' own come up more often. */
export function vocabularyOf(catalogue: Catalogue, schema: string): Vocabulary {
  const callable = catalogue.functions.filter(
    ({ argumentCount, kind, name }) => kind !== "window" && argumentCount <= 4 && /^[a-z_0-9]+$/.test(name),
  );
  const names = (functions: readonly CatalogueFunction[]) => [
    ...new Set(functions.map(({ argumentCount, name }) => `${name}/${argumentCount}`)),
  ];
  const own = names(callable.filter((each) => each.schema === schema));
  return { functions: [...names(callable), ...Array.from({ length: OWN_SHARE }, () => own).flat()] };
}

/** How often the corpus' own functions stand among the server's thousands. */
const OWN_SHARE = 30;

/** So many statements of one seed, each told apart by its number. */
export function randomStatements(seed: number, count: number, vocabulary: Vocabulary): readonly string[] {
  return Array.from({ length: count }, (_, at) => new Generator(seed * 1_000_003 + at, vocabulary).statement());
}
