import type { Node } from "libpg-query";
import type { UnsureNames } from "../facts.ts";
import { isNode, kindOf } from "./tree.ts";

/** They name nothing that a definition could have changed. */
const NAMELESS = new Set(
  "TransactionStmt VariableSetStmt VariableShowStmt DiscardStmt UnlistenStmt DeallocateStmt ClosePortalStmt ConstraintsSetStmt".split(
    " ",
  ),
);
/** What runs a query, or a text of its own. */
const RUNS = new Set(
  `SelectStmt InsertStmt UpdateStmt DeleteStmt MergeStmt CopyStmt ExplainStmt PrepareStmt ExecuteStmt DeclareCursorStmt
  FetchStmt CallStmt DoStmt CreateTableAsStmt RefreshMatViewStmt`.split(/\s+/),
);
const QUERIES = new Set(
  "InsertStmt UpdateStmt DeleteStmt MergeStmt CopyStmt ExplainStmt PrepareStmt ExecuteStmt DeclareCursorStmt FetchStmt".split(
    " ",
  ),
);
const EXPRESSIONS = new Set(["FuncCall", "A_Expr", "TypeCast", "SubLink", "SelectStmt"]);

/** Why a statement cannot be understood behind definitions that ran since the catalogue was loaded; else undefined. */
export function doubtBehind(unsure: UnsureNames, node: Node): string | undefined {
  const kind = kindOf(node);
  if (NAMELESS.has(kind)) return undefined;
  const last = "an earlier statement";
  if (unsure.everything) return `${last} may have changed what names mean: send this one by itself`;
  if (unsure.extension && RUNS.has(kind)) return `${last} changed an extension: send this one by itself`;
  if (!unsure.code || (!RUNS.has(kind) && !holdsExpression(node))) return undefined;
  return `${last} may have changed what expressions call: send this one by itself`;
}

function holdsExpression(node: Node): boolean {
  const pending: unknown[] = [node];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (typeof at !== "object" || at === null) continue;
    if (!Array.isArray(at) && isNode(at) && EXPRESSIONS.has(kindOf(at))) return true;
    pending.push(...Object.values(at).filter((value) => value !== undefined));
  }
  return false;
}

/** A query may call a function that redefines: only where nothing else is looked up, before it or after. */
export function callsAlone(node: Node): boolean {
  if (!("SelectStmt" in node)) return !QUERIES.has(kindOf(node));
  const { fromClause, targetList, whereClause, withClause } = node.SelectStmt;
  const [target] = targetList ?? [];
  const call = target && "ResTarget" in target ? target.ResTarget.val : undefined;
  if (targetList?.length !== 1 || fromClause || whereClause || withClause || !call || !("FuncCall" in call))
    return false;
  return !(call.FuncCall.args ?? []).some(holdsExpression);
}
