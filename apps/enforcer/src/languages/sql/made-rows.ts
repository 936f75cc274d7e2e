import type { Node, SelectStmt } from "libpg-query";
import { childrenOf, textsOf } from "./tree.ts";

/** What a recursive WITH query begins with chooses all that follows from it. */
export function startOf(select: SelectStmt, recursive: boolean | undefined): SelectStmt {
  return recursive && select.larg && select.op === "SETOP_UNION" ? select.larg : select;
}

/** Functions that give back, row by row, what they were given. */
const UNPACKING =
  /^(unnest|(json|jsonb)_(array_elements|array_elements_text|to_recordset)|(string|regexp_split)_to_table)$/;

/** Whether rows come from a function that can make up any, as generate_series does. */
export function makesUp(node: Node): boolean {
  if ("SubLink" in node) return true;
  if ("FuncCall" in node) {
    const { args, funcname } = node.FuncCall;
    return !UNPACKING.test(textsOf(funcname).at(-1) ?? "") || (args ?? []).some(hasQuery);
  }
  return Object.values(node).some((body) => [...childrenOf(body)].some(makesUp));
}

function hasQuery(node: Node): boolean {
  return "SubLink" in node || Object.values(node).some((body) => [...childrenOf(body)].some(hasQuery));
}
