import type { SqlSessionSettings, StatementFacts } from "../../facts.ts";
import { PreparedNames } from "../prepared-names.ts";

/** Statements sent one after the other in one transaction, of which later ones run what earlier ones brought. */
export type Script = readonly string[];

type Carry = (text: string, number: number) => Script;

const PLAIN: Carry = (text) => [text];

/** Ways in which a text reaches the server: as it is, spelled otherwise, or carried by a cursor, a name or COPY. */
const CARRIERS: readonly Carry[] = [
  PLAIN,
  (text, number) => [spelled(text, number)],
  (text) => [`DECLARE carried CURSOR FOR ${text}`, "FETCH ALL FROM carried", "CLOSE carried"],
  PLAIN,
  (text) => [`DECLARE carried SCROLL CURSOR FOR ${text}`, "MOVE FORWARD 2 IN carried", "FETCH PRIOR FROM carried"],
  (text, number) => [`PREPARE carried AS ${spelled(text, number)}`, "EXECUTE carried"],
  PLAIN,
  (text) => [`PREPARE carried AS ${text}`, "EXPLAIN (ANALYZE) EXECUTE carried"],
  (text) => [`COPY (${text}) TO STDOUT`],
  (text, number) => [`COPY (${spelled(text, number)}) TO STDOUT (FORMAT ${number % 2 === 0 ? "binary" : "csv"})`],
  (text) => [`PREPARE carried AS ${text}`, "CREATE TABLE made_carried AS EXECUTE carried"],
  (text) => [`WITH carried AS (${text}) SELECT count(*) FROM carried`],
];

/** What carries anything, and what carries a query alone. */
const ANYTHING: readonly Carry[] = [PLAIN, (text, number) => [spelled(text, number)]];
const WRITES: readonly Carry[] = [
  ...ANYTHING,
  (text, number) => [`PREPARE carried AS ${spelled(text, number)}`, "EXECUTE carried"],
  PLAIN,
];

/** The number-th text as one of the carriers sends it; always the same for a number. */
export function carried(text: string, number: number): Script {
  const isQuery = /^(SELECT|VALUES|TABLE) /.test(text) && !text.includes(";");
  const carriers = isQuery ? CARRIERS : /^(INSERT|UPDATE|DELETE|MERGE|WITH) /.test(text) ? WRITES : ANYTHING;
  return (carriers[number % carriers.length] ?? PLAIN)(text, number);
}

/** The facts of a script's statements, names resolved as a session resolves them. */
export function scriptFacts(
  script: Script,
  analyse: (text: string) => readonly StatementFacts[],
): readonly StatementFacts[] {
  const names = new PreparedNames();
  return script.flatMap((text) =>
    analyse(text).map((one) => {
      const facts = names.resolve(one, SETTINGS);
      names.observe(facts, SETTINGS);
      return facts;
    }),
  );
}

/** Names are compared by the settings' identity only. */
const SETTINGS: SqlSessionSettings = {
  searchPath: "",
  standardConformingStrings: true,
  clientEncoding: "UTF8",
  role: "",
};

const GAPS = [" ", "\t", "\n", "/**/", " /* ' \" $b$ /* nested */ */ ", "--'\n", "\u000b", "\r\n"];
const TOKEN = /'(?:[^'\\]|'')*'|"[^"]*"|\$\w*\$[\s\S]*?\$\w*\$|\s+|[a-z_]\w*|[\s\S]/gi;

/** The same statement in other bytes: gaps, letter case, escapes and quotes are the server's to read. */
function spelled(text: string, seed: number): string {
  let number = seed;
  let before = "";
  return text.replaceAll(TOKEN, (token) => {
    number = (number * 1_103_515_245 + 12_345) % 2_147_483_648;
    const free = !/[\w&$'"\\]$/.test(before);
    before = token;
    if (/^\s+$/.test(token)) return GAPS[number % GAPS.length] ?? " ";
    if (token.startsWith("'") && token.length > 1 && free)
      return literal(token.slice(1, -1).replaceAll("''", "'"), number);
    return /^[a-z]/i.test(token) && number % 3 === 0 ? token.toUpperCase() : token;
  });
}

function literal(value: string, number: number): string {
  const plain = `'${value.replaceAll("'", "''")}'`;
  const codes = (prefix: string, digits: number) =>
    Array.from(value, (char) => `${prefix}${(char.codePointAt(0) ?? 0).toString(16).padStart(digits, "0")}`).join("");
  if (/[^\x20-\x7e]/.test(value)) return plain;
  if (number % 4 === 0) return `E'${codes("\\x", 2)}'`;
  if (number % 4 === 1) return `U&'${codes("\\", 4)}'`;
  return number % 4 === 2 ? `$q${number % 10}$${value}$q${number % 10}$` : plain;
}
