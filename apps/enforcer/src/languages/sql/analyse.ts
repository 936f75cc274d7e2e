import type { Node } from "libpg-query";
import type { Catalogue, SqlSessionSettings, StatementFacts } from "../facts.ts";
import { afterChanges } from "./after-changes.ts";
import { Collector, DATABASE } from "./collector.ts";
import { checkCoverage } from "./coverage.ts";
import { commandOf } from "./ddl.ts";
import { finish } from "./finish.ts";
import { sessionPath } from "./names.ts";
import type { Parser, RawStatement } from "./parser.ts";
import { type QueryShape, type Run, WORK_MAX, WorkExceeded } from "./run.ts";
import { ANALYSIS } from "./statement.ts";
import { kindOf } from "./tree.ts";
import { callsAlone } from "./unsure.ts";

/** Bounds of one analysis. */
export interface AnalysisLimits {
  /** larger texts are unparsed, in UTF-8 bytes */
  readonly textBytesMax: number;
  /** texts with more statements are unparsed */
  readonly statementsMax: number;
}

/** What one analysis works with. */
export interface AnalysisInput {
  readonly parser: Parser;
  readonly settings: SqlSessionSettings;
  readonly catalogue: Catalogue;
  readonly limits: AnalysisLimits;
  /** the analysis looks at no more parts than this */
  readonly workMax?: number;
}

/** The facts of every statement in a text, in order. Total: what cannot be understood is one unparsed statement. */
export function analyseText(text: string, input: AnalysisInput): readonly StatementFacts[] {
  return analyseWithin(text, input) ?? [unparsed(text, "too complex")];
}

/** The same; undefined when it takes more than `workMax`. */
export function analyseWithin(text: string, input: AnalysisInput): readonly StatementFacts[] | undefined {
  const refusal = refuseText(text, input);
  if (refusal !== undefined) return [unparsed(text, refusal)];
  const outcome = input.parser.parse(text);
  if (!outcome.ok) return [unparsed(text, outcome.reason)];
  if (outcome.statements.length > input.limits.statementsMax)
    return [unparsed(text, "too many statements in one text")];
  try {
    return everyStatement(outcome.statements, input);
  } catch (error) {
    if (error instanceof WorkExceeded) return undefined;
    // A tree too deep for the stack. Anything else is a defect of ours, and denies as well.
    return [unparsed(text, error instanceof RangeError ? "nested too deeply" : "the analysis failed")];
  }
}

/** What makes a text mean something else to the server than to the grammar here. */
function refuseText(text: string, { settings, limits }: AnalysisInput): string | undefined {
  if (text.includes("\0")) return "the text holds a NUL byte";
  if (text.length > limits.textBytesMax || Buffer.byteLength(text) > limits.textBytesMax)
    return "the text is too large";
  if (!text.isWellFormed()) return "the text is not valid Unicode";
  if (!settings.standardConformingStrings && text.includes("\\")) {
    return "backslashes in strings mean something else while standard_conforming_strings is off";
  }
  const encoding = settings.clientEncoding.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
  const plain = encoding === "UTF8" || encoding === "UNICODE";
  const ascii = Buffer.byteLength(text) === text.length;
  if (!plain && !ascii) return "text outside ASCII in a client encoding other than UTF8";
  return undefined;
}

/** The facts of a text that is not understood: needs an explicit permit of `sql.opaque`. */
export function unparsed(text: string, reason: string): StatementFacts {
  return Object.freeze({
    command: "UNKNOWN",
    accesses: [{ action: "sql.opaque", object: DATABASE, columnsRead: [], columnsWritten: [], columnsFiltered: [] }],
    functions: [],
    unparsed: true,
    opaque: true,
    dynamic: false,
    unbounded: false,
    multiStatement: false,
    returnsRows: true,
    changesSession: true,
    transaction: "none",
    reason,
    span: [0, Buffer.byteLength(text)],
    lineage: "unknown",
  } satisfies StatementFacts);
}

function everyStatement(statements: readonly RawStatement[], input: AnalysisInput): StatementFacts[] {
  let { catalogue, settings } = input;
  let sure = true;
  const facts: StatementFacts[] = [];
  for (const statement of statements) {
    const collector = new Collector();
    if (!sure) collector.giveUp("an earlier statement of the same text changes what names mean");
    const one = oneStatement(statement, { ...input, settings, catalogue }, collector, statements.length > 1);
    facts.push(one);
    if (one.redefines) catalogue = afterChanges(catalogue, one.redefines);
    // a rollback takes back some of what was changed, or all, or nothing
    const undone = one.transaction === "rollback" || one.transaction === "rollback_to";
    if (undone && catalogue !== input.catalogue) catalogue = afterChanges(catalogue, [{ kind: "everything" }]);
    const after = settingsAfter(settings, one, settings !== input.settings);
    sure &&= after !== undefined;
    settings = after ?? settings;
  }
  return facts;
}

function oneStatement(
  statement: RawStatement,
  input: AnalysisInput,
  collector: Collector,
  multiStatement: boolean,
): StatementFacts {
  const run: Run = {
    ...ANALYSIS,
    catalogue: input.catalogue,
    settings: input.settings,
    path: sessionPath(input.settings),
    parser: input.parser,
    collector,
    budget: { left: input.workMax ?? WORK_MAX },
    depth: 0,
    opening: [],
  };
  const shape = run.statement(statement.node, undefined, run);
  checkCoverage(statement.node, run);
  const { redefines } = collector;
  if (redefines.length > 0 && !makesTable(statement.node) && !callsAlone(statement.node))
    collector.giveUp("a function that it calls changes what names mean");
  return finish(collector, {
    command: commandName(statement.node),
    shape,
    span: statement.span,
    returnsRows: givesRows(statement.node, shape),
    multiStatement,
  });
}

function makesTable(node: Node): boolean {
  return "CreateTableAsStmt" in node || ("SelectStmt" in node && node.SelectStmt.intoClause !== undefined);
}

/** The command's tag, with what SET, DROP and transactions add to it. */
function commandName(node: Node): string {
  if ("TransactionStmt" in node) {
    const kind = (node.TransactionStmt.kind ?? "").replace("TRANS_STMT_", "").replaceAll("_", " ");
    return kind === "START" ? "BEGIN" : kind;
  }
  if ("VariableSetStmt" in node) return (node.VariableSetStmt.kind ?? "").startsWith("VAR_RESET") ? "RESET" : "SET";
  if ("DropStmt" in node) {
    return `DROP ${(node.DropStmt.removeType ?? "").replace("OBJECT_", "").replace("MATVIEW", "MATERIALIZED VIEW").replaceAll("_", " ")}`;
  }
  if ("VacuumStmt" in node) return node.VacuumStmt.is_vacuumcmd ? "VACUUM" : "ANALYZE";
  if ("FetchStmt" in node) return node.FetchStmt.ismove ? "MOVE" : "FETCH";
  if ("SelectStmt" in node && node.SelectStmt.intoClause) return "SELECT INTO";
  return commandOf(kindOf(node));
}

function givesRows(node: Node, shape: QueryShape): boolean {
  if ("CopyStmt" in node || "PrepareStmt" in node || "DeclareCursorStmt" in node) return false;
  if ("CreateTableAsStmt" in node || ("SelectStmt" in node && node.SelectStmt.intoClause)) return false;
  if ("SelectStmt" in node || "ExplainStmt" in node || "VariableShowStmt" in node) return true;
  return shape.open || shape.columns.length > 0;
}

/** What later statements of the same text are read under; undefined when that cannot be told before the server answers. */
function settingsAfter(
  before: SqlSessionSettings,
  facts: StatementFacts,
  changed: boolean,
): SqlSessionSettings | undefined {
  if (facts.opaque) return undefined;
  if (facts.transaction === "rollback" || facts.transaction === "rollback_to") return changed ? undefined : before;
  if (facts.sets?.name === "search_path" && facts.command === "SET") {
    return facts.sets.value === undefined ? undefined : { ...before, searchPath: facts.sets.value };
  }
  if (facts.changesSession) return undefined;
  if (!facts.createsTemporary || before.temporaryNames === "any") return before;
  return { ...before, temporaryNames: [...(before.temporaryNames ?? []), ...facts.createsTemporary] };
}
