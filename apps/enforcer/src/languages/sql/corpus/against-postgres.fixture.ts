import type { Catalogue, FactObject, StatementFacts } from "../../facts.ts";
import { verdictOf } from "./load-corpus.fixture.ts";
import { carried, type Script, scriptFacts } from "./random-carriers.fixture.ts";

/** One connection to the server that statements are tried on. Rejects with the server's error. */
export type Ask = (text: string) => Promise<readonly (readonly (string | null)[])[]>;

/** What trying statements on a real server came to. */
export interface Trial {
  readonly statements: number;
  /** that the server carried out */
  readonly executed: number;
  readonly reads: number;
  readonly writes: number;
  /** where the server did something that the facts do not tell; each names its statement */
  readonly differences: readonly string[];
}

/** Who statements are tried as. */
export interface Servers {
  /** may do everything */
  readonly ask: Ask;
  /** may read every table of the corpus, and nothing more */
  readonly reader: Ask;
  /** statements that need more than reading are left out: of somebody who could break the server */
  readonly readsOnly?: boolean;
}

/** Statements that a transaction which is taken back cannot hold, or that wait for rows of ours. */
function isTried(facts: readonly StatementFacts[]): boolean {
  return facts.every((one) => one.transaction === "none" && one.copy?.direction !== "in");
}

/** Counts of this session that it has not reported yet: those of earlier statements too. */
const TOUCHED = `SELECT schemaname || '.' || relname, (seq_scan + coalesce(idx_scan, 0))::text,
  (n_tup_ins + n_tup_upd + n_tup_del)::text FROM pg_stat_xact_user_tables`;

/** Where the random statements make things; other tests use the same server in schemas of their own. */
const OURS =
  "= ANY (array(SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'hr') OR nspname = current_schema()))";

/** Everything of the database that could change, in one short text. */
const STATE = `SELECT
  (SELECT string_agg(last_value::text || is_called::text, ',') FROM (SELECT last_value, is_called FROM tickets) s),
  (SELECT count(*)::text FROM pg_largeobject_metadata), (SELECT count(*)::text FROM pg_class WHERE relnamespace ${OURS}),
  (SELECT count(*)::text || sum(xmin::text::bigint) FROM pg_proc WHERE pronamespace ${OURS}), (SELECT count(*)::text FROM pg_roles),
  (SELECT md5(string_agg(c::text, '' ORDER BY id)) FROM customers c),
  (SELECT md5(string_agg(o::text, '' ORDER BY id)) FROM orders o), current_user, current_setting('search_path'),
  current_setting('standard_conforming_strings'), (SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory')`;

/**
 * Runs each statement as somebody who may do everything, in a transaction that is taken back, and compares what the server
 * did with what the facts say: a statement called a read must write nothing, change nothing and run for somebody who may
 * only read; every relation that is read or written, through functions, triggers and foreign keys too, must be in its facts.
 */
export async function tryStatements(
  texts: readonly string[],
  analyse: (text: string) => readonly StatementFacts[],
  servers: Servers,
  catalogue: Catalogue,
): Promise<Trial> {
  const { ask, reader } = servers;
  const trial = { statements: texts.length, executed: 0, reads: 0, writes: 0, differences: [] as string[] };
  let before = "";
  for (const [number, one] of texts.entries()) {
    const script = carried(one, number);
    const text = script.join("; ");
    const facts = scriptFacts(script, analyse);
    const verdict = verdictOf(facts);
    if (verdict === "unparsed" || verdict === "opaque" || !isTried(facts)) continue;
    if (verdict === "write" && servers.readsOnly) continue;
    if (verdict === "read" && before === "") before = JSON.stringify(await ask(STATE));
    const seen = await tried(script, ask);
    if (!seen) continue;
    trial.executed += 1;
    if (verdict === "read") trial.reads += 1;
    else trial.writes += 1;
    for (const problem of problemsOf(facts, verdict, seen, catalogue)) trial.differences.push(`${problem}: ${text}`);
    if (verdict === "write") {
      before = "";
      continue;
    }
    // EXPLAIN of a write shows its plan to who may write; policy decides it as `sql.read.explain`
    const refusal = facts.some((one) => one.command === "EXPLAIN") ? undefined : await refusedTo(script, reader);
    if (refusal !== undefined) trial.differences.push(`a read needs more than reading (${refusal}): ${text}`);
    const after = JSON.stringify(await ask(STATE));
    if (after !== before) trial.differences.push(`changed the state (${before} → ${after}): ${text}`);
    before = after;
  }
  return trial;
}

/** What somebody who may only read is refused for lack of rights; the server's own catalogues have rights of their own. */
async function refusedTo(script: Script, reader: Ask): Promise<string | undefined> {
  await reader("BEGIN");
  try {
    for (const text of script) await reader(text);
    return undefined;
  } catch (error) {
    const denied = error instanceof Error && "code" in error && error.code === "42501" ? error.message : undefined;
    return denied !== undefined &&
      /for (table|view|materialized view|sequence|schema|function) (?!pg_|"?pg_)/.test(denied)
      ? denied
      : undefined;
  } finally {
    await reader("ROLLBACK");
    await reader("DEALLOCATE ALL");
  }
}

interface Seen {
  readonly wrote: boolean;
  readonly read: readonly string[];
  readonly changed: readonly string[];
}

async function tried(script: Script, ask: Ask): Promise<Seen | undefined> {
  await ask("BEGIN");
  try {
    const before = new Map((await ask(TOUCHED)).map(([name, ...counts]) => [name, counts]));
    for (const text of script) await ask(text);
    const after = await ask(TOUCHED);
    const more = (at: number) =>
      after.flatMap((row) => {
        const [name] = row;
        return name && row[at + 1] !== (before.get(name)?.[at] ?? "0") ? [name] : [];
      });
    const numbered = (await ask("SELECT pg_current_xact_id_if_assigned()"))[0]?.[0] !== null;
    const wrote = numbered && !script.some((text) => NAMES_TRANSACTION.test(text));
    return { wrote, read: more(0), changed: more(1) };
  } catch {
    return undefined;
  } finally {
    await ask("ROLLBACK");
    await ask("DEALLOCATE ALL");
    await ask("SELECT pg_advisory_unlock_all()");
  }
}

/** They give the transaction an id to tell it, and change nothing else. */
const NAMES_TRANSACTION = /\b(txid_current|pg_current_xact_id)\b/;

function problemsOf(
  facts: readonly StatementFacts[],
  verdict: "read" | "write",
  { changed, read: scanned, wrote }: Seen,
  catalogue: Catalogue,
): string[] {
  const problems = verdict === "read" && wrote ? ["a read wrote"] : [];
  const named = (object: FactObject) => `${object.schema}.${object.name}`;
  const accesses = facts.flatMap((one) => one.accesses);
  const read = new Set(accesses.map(({ object }) => named(object)));
  const written = new Set(
    accesses.filter(({ action }) => !action.startsWith("sql.read.")).map(({ object }) => named(object)),
  );
  const createsSomething = facts.some((one) => one.changesCatalogue === true);
  const tells = (names: ReadonlySet<string>, full: string) => {
    // what it made itself has no name in the catalogue
    const relation = catalogue.relationByName.get(full);
    return !relation || [full, ...(relation.parents ?? [])].some((name) => names.has(name));
  };
  for (const full of changed) {
    if (!tells(written, full) && !createsSomething) problems.push(`wrote ${full}, which no fact tells`);
  }
  // checks of foreign keys look into tables that a write refers to
  for (const full of verdict === "read" ? scanned : []) {
    if (!tells(read, full)) problems.push(`read ${full}, which no fact tells`);
  }
  return problems;
}
