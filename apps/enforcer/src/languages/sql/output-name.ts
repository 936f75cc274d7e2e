import type { Node, ResTarget } from "libpg-query";
import { kindOf, textOf, textsOf } from "./tree.ts";

/** Names that Postgres gives to columns without an alias (FigureColname), by node. */
const FIXED: Readonly<Record<string, string>> = {
  CoalesceExpr: "coalesce",
  RowExpr: "row",
  A_ArrayExpr: "array",
  GroupingFunc: "grouping",
  MergeSupportFunc: "merge_action",
  XmlSerialize: "xmlserialize",
  JsonParseExpr: "json",
  JsonScalarExpr: "json_scalar",
  JsonSerializeExpr: "json_serialize",
  JsonObjectConstructor: "json_object",
  JsonArrayConstructor: "json_array",
  JsonArrayQueryConstructor: "json_array",
  JsonObjectAgg: "json_objectagg",
  JsonArrayAgg: "json_arrayagg",
};

const JSON_FUNCTIONS: Readonly<Record<string, string>> = {
  JSON_EXISTS_OP: "json_exists",
  JSON_QUERY_OP: "json_query",
  JSON_VALUE_OP: "json_value",
};

/** The name of an output column. */
export function outputName(target: ResTarget): string {
  return target.name ?? figure(target.val) ?? "?column?";
}

function figure(node: Node | undefined): string | undefined {
  if (!node) return undefined;
  if ("ColumnRef" in node) return textsOf(node.ColumnRef.fields).at(-1);
  if ("FuncCall" in node) return textsOf(node.FuncCall.funcname).at(-1);
  if ("TypeCast" in node) return figure(node.TypeCast.arg) ?? textsOf(node.TypeCast.typeName?.names).at(-1);
  if ("CollateClause" in node) return figure(node.CollateClause.arg);
  if ("A_Indirection" in node) return fieldName(node.A_Indirection.indirection) ?? figure(node.A_Indirection.arg);
  if ("CaseExpr" in node) return figure(node.CaseExpr.defresult) ?? "case";
  if ("A_Expr" in node) return node.A_Expr.kind === "AEXPR_NULLIF" ? "nullif" : undefined;
  if ("MinMaxExpr" in node) return node.MinMaxExpr.op === "IS_LEAST" ? "least" : "greatest";
  if ("SQLValueFunction" in node) return sqlValueName(node.SQLValueFunction.op);
  if ("XmlExpr" in node) return node.XmlExpr.op?.replace("IS_", "").toLowerCase();
  if ("SubLink" in node) return sublinkName(node);
  if ("JsonFuncExpr" in node) return JSON_FUNCTIONS[node.JsonFuncExpr.op ?? ""];
  return FIXED[kindOf(node)];
}

function fieldName(steps: readonly Node[] | undefined): string | undefined {
  return steps
    ?.map((step) => textOf(step))
    .filter((name) => name !== undefined && name !== "*")
    .at(-1);
}

function sqlValueName(op: string | undefined): string | undefined {
  return op?.replace("SVFOP_", "").replace(/_N$/, "").toLowerCase();
}

function sublinkName(node: Node): string | undefined {
  if (!("SubLink" in node)) return undefined;
  if (node.SubLink.subLinkType === "EXISTS_SUBLINK") return "exists";
  if (node.SubLink.subLinkType === "ARRAY_SUBLINK") return "array";
  const select = node.SubLink.subselect;
  if (node.SubLink.subLinkType !== "EXPR_SUBLINK" || !select || !("SelectStmt" in select)) return undefined;
  const first = select.SelectStmt.targetList?.[0];
  return first && "ResTarget" in first ? outputName(first.ResTarget) : undefined;
}
