import type { ColumnRef, Node, RangeVar, SelectStmt } from "libpg-query";
import type { FactObject } from "../facts.ts";
import { childrenOf, textsOf } from "./tree.ts";

/** Which column references belong to the table being written. */
export interface TargetNames {
  readonly alias: string;
  owns(column: string): boolean;
  readonly table?: FactObject | undefined;
  /** aliases of what holds none of the written table's rows: a column there is another, whatever its name */
  readonly foreign?: ReadonlySet<string>;
  /** what a name in FROM gives: the written table's own rows, others, or those of a WITH query */
  source(range: RangeVar): SelectStmt | "own" | "other";
  /** WITH queries that were looked at, and whether they choose rows: false while one is, so that none is looked at for ever */
  readonly followed: Map<SelectStmt, boolean>;
}

/** Whether two sides are made of the same columns. */
export function sameColumns(left: Node | undefined, right: Node | undefined, names: TargetNames): boolean {
  const [one, other] = [columnsIn(left, names), columnsIn(right, names)];
  return one.size > 0 && one.size === other.size && [...one].every((name) => other.has(name));
}

/** The columns that a node names, those of foreign tables with their alias. */
export function columnsIn(node: Node | undefined, { foreign }: TargetNames): Set<string> {
  const found = new Set<string>();
  visit(node, (ref) => {
    const [column = "", alias = ""] = textsOf(ref.fields).toReversed();
    found.add(foreign?.has(alias) ? `${alias}.${column}` : column);
  });
  return found;
}

/** Whether a node names a column of the written table. */
export function mentionsTarget(node: Node, names: TargetNames): boolean {
  let found = false;
  visit(node, (ref) => {
    const parts = textsOf(ref.fields);
    const column = parts.at(-1) ?? "";
    found ||= parts.length > 1 ? names.alias === "" || parts.at(-2) === names.alias : names.owns(column);
  });
  return found;
}

function visit(node: Node | undefined, seen: (ref: ColumnRef) => void): void {
  if (!node) return;
  if ("ColumnRef" in node) seen(node.ColumnRef);
  else for (const body of Object.values(node)) for (const child of childrenOf(body)) visit(child, seen);
}
