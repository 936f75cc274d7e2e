import type { Node, SelectStmt } from "libpg-query";
import type { Run, Scope } from "./run.ts";
import { literalOf, textsOf } from "./tree.ts";

/**
 * The setting that a query over pg_settings alone is about: `SELECT set_config(name, …) FROM pg_settings WHERE name = 'x'`
 * is how pg_dump changes a setting that an older server may lack. Only the server's own view under the server's own `=`
 * counts: there the column is text and equal means the same bytes.
 */
export function pinnedSetting(select: SelectStmt, scope: Scope, run: Run): string | undefined {
  const [item, ...others] = scope.items;
  if (select.fromClause?.length !== 1 || others.length > 0 || run.path[0] !== "pg_catalog") return undefined;
  if (item?.table?.schema !== "pg_catalog" || item.table.name !== "pg_settings") return undefined;
  const { whereClause: where } = select;
  if (!where || !("A_Expr" in where) || where.A_Expr.kind !== "AEXPR_OP") return undefined;
  const { lexpr, name, rexpr } = where.A_Expr;
  if (textsOf(name).join(".") !== "=" || !isName(lexpr) || !rexpr || !("A_Const" in rexpr)) return undefined;
  return item.columns.some(({ name: own, stored }) => own === "name" && (stored ?? own) === "name")
    ? rexpr.A_Const.sval?.sval
    : undefined;
}

/** The literal that an argument is, or that the query around it holds it to; undefined when it is neither. */
export function knownValue(argument: Node | undefined, scope: Scope): string | undefined {
  return isName(argument) && scope.pinned !== undefined ? scope.pinned : literalOf(argument);
}

function isName(node: Node | undefined): boolean {
  return node !== undefined && "ColumnRef" in node && textsOf(node.ColumnRef.fields).join(".") === "name";
}
