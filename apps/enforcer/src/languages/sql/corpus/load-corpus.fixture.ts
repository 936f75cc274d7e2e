import { readFileSync } from "node:fs";
import { type CatalogueRows, catalogueFrom } from "../../../catalogue/index.ts";
import type { Catalogue, StatementFacts } from "../../facts.ts";

/** One text of a corpus and what it must come out as. */
export interface CorpusCase {
  readonly expected: string;
  readonly family: string;
  readonly text: string;
  readonly line: number;
}

/** Reads a corpus file: `# expected family` headings, one text per line, `⏎` for a line break inside a text. */
export function readCorpus(name: "hostile" | "honest" | "leaks"): readonly CorpusCase[] {
  const cases: CorpusCase[] = [];
  let expected = "";
  let family = "";
  const lines = readFileSync(new URL(`${name}.txt`, import.meta.url), "utf8").split("\n");
  lines.forEach((text, at) => {
    const heading = /^# (\S+) (.*)$/.exec(text);
    if (heading) [, expected = "", family = ""] = heading;
    else if (text !== "") cases.push({ expected, family, text: text.replaceAll("⏎", "\n"), line: at + 1 });
  });
  return cases;
}

/** The catalogue of `schema.sql` on PostgreSQL 18, recorded by `record-catalogue.ts`. */
export function fixtureCatalogue(): Catalogue {
  const rows: Record<keyof CatalogueRows, (string | null)[][]> = {
    relations: [],
    columns: [],
    functions: [],
    schemas: [],
    operators: [],
    casts: [],
    domainChecks: [],
    unaskedCasts: [],
    // what row security of such a database would read
    customSettings: ["app.user", "app.tenant"].map((name) => ["r", name]),
  };
  const lines = readFileSync(new URL("catalogue.fixture.jsonl", import.meta.url), "utf8").split("\n");
  for (const line of lines) {
    if (line === "") continue;
    const [section, ...row]: (string | null)[] = JSON.parse(line);
    if (section !== null && section !== undefined && isSection(section, rows)) rows[section].push(row);
  }
  return catalogueFrom(rows);
}

function isSection(
  section: string,
  rows: Readonly<Record<keyof CatalogueRows, unknown>>,
): section is keyof CatalogueRows {
  return section in rows;
}

/** The strictest thing a text's statements need. */
export function verdictOf(facts: readonly StatementFacts[]): "unparsed" | "opaque" | "write" | "read" {
  if (facts.some((one) => one.unparsed)) return "unparsed";
  const actions = facts.flatMap((one) => one.accesses.map((access) => access.action));
  if (actions.includes("sql.opaque")) return "opaque";
  return actions.every((action) => action.startsWith("sql.read.")) ? "read" : "write";
}
