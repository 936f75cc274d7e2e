import type { Node } from "libpg-query";
import { childScope, type Run } from "./run.ts";
import { childrenOf, isNode, kindOf, textsOf } from "./tree.ts";

/** Parts that must not be passed over: each does or reads something. */
const MUST_BE_SEEN = new Set(["FuncCall", "SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"]);

/** Nodes without anything below them that matters here. */
const LEAVES = new Set(["A_Const", "ColumnRef", "ParamRef", "String", "Integer", "Float", "A_Star"]);

/**
 * The net under the analysis: walks the whole tree without knowing its grammar. Every call and every nested statement
 * must have been analysed, else the statement is opaque; every type that is named counts as a cast to it.
 */
export function checkCoverage(root: Node, run: Run): void {
  const pending: Node[] = [root];
  for (let at = pending.pop(); at; at = pending.pop()) {
    const kind = kindOf(at);
    for (const body of Object.values(at)) {
      if (MUST_BE_SEEN.has(kind) && typeof body === "object" && body !== null && !run.collector.visited.has(body)) {
        run.collector.giveUp(`a ${kind} in a place that is not understood`);
        return;
      }
      if (!LEAVES.has(kind)) for (const child of childrenOf(body)) pending.push(child);
    }
  }
  noteTypes(root, run);
}

function noteTypes(root: Node, run: Run): void {
  if (run.catalogue.typeFunctions === undefined || run.catalogue.typeFunctions.size === 0) return;
  const pending: unknown[] = [root];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (typeof at !== "object" || at === null) continue;
    if (Array.isArray(at)) {
      for (const value of at) pending.push(value);
      continue;
    }
    for (const [key, value] of Object.entries(at)) {
      if (LEAVES.has(key)) continue;
      // A type's name is a TypeName message, wrapped as a node or as the field `typeName` of another.
      if (key === "typeName" || key === "TypeName") run.type(typeNameOf(value), childScope(undefined), run);
      if (value !== undefined) pending.push(value);
    }
  }
}

function typeNameOf(value: unknown): string {
  if (typeof value !== "object" || value === null || !("names" in value) || !Array.isArray(value.names)) return "";
  const names = value.names.filter((name): name is Node => typeof name === "object" && name !== null && isNode(name));
  return textsOf(names).at(-1) ?? "";
}
