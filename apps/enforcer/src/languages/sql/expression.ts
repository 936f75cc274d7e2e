import type { A_Expr, A_Indirection, CaseExpr, ColumnRef, FuncCall, Node, SubLink, TypeCast } from "libpg-query";
import { callFunction, callOperator, callType } from "./calls.ts";
import type { Use } from "./collector.ts";
import { columnOfRow, isStar, resolveColumn, wholeRow } from "./columns.ts";
import { computed, NOTHING, type Origin, UNKNOWN } from "./origin.ts";
import { knownValue } from "./pinned.ts";
import { childScope, type Run, type Scope, spend } from "./run.ts";
import {
  canFail,
  FAILING_ARGUMENTS,
  keyNodes,
  keysAmong,
  NEVER_FAILING_CASTS,
  NEVER_FAILING_FUNCTIONS,
  NEVER_FAILING_OPERATORS,
  PATTERN_OPERATORS,
} from "./total.ts";
import { bodyOf, childrenOf, kindOf, qualified, textOf, textsOf } from "./tree.ts";

/** Expression nodes without an effect of their own: what flows into them flows out of them. */
const PLAIN = new Set([
  ..."A_Const A_ArrayExpr A_Indices BoolExpr BooleanTest CaseExpr CaseWhen CoalesceExpr CollateClause".split(" "),
  ..."CurrentOfExpr GroupingFunc GroupingSet List MinMaxExpr MultiAssignRef NamedArgExpr ResTarget RowExpr".split(" "),
  ..."SetToDefault SortBy SQLValueFunction String Integer Float Boolean BitString TypeName WindowDef".split(" "),
  ..."XmlExpr XmlSerialize JsonFormat JsonReturning JsonValueExpr JsonOutput JsonArgument JsonFuncExpr".split(" "),
  ..."JsonIsPredicate JsonBehavior JsonKeyValue JsonParseExpr JsonScalarExpr JsonSerializeExpr".split(" "),
  ..."JsonObjectConstructor JsonArrayConstructor JsonObjectAgg JsonArrayAgg JsonAggConstructor".split(" "),
  ..."JsonTablePathSpec MergeSupportFunc A_Star ParamRef".split(" "),
]);

/** Analyses an expression: notes what it uses and calls, and tells where its value comes from. */
export function expression(node: Node | undefined, scope: Scope, run: Run, use: Use): Origin {
  if (!node || "A_Const" in node) return NOTHING;
  spend(run);
  if ("ColumnRef" in node) return columnValue(node.ColumnRef, scope, run, use);
  if ("FuncCall" in node) return functionCall(node.FuncCall, scope, run, use);
  if ("A_Expr" in node) return operator(node.A_Expr, scope, run, use);
  if ("TypeCast" in node) return cast(node.TypeCast, scope, run, use);
  if ("SubLink" in node) return sublink(node.SubLink, scope, run, use);
  if ("A_Indirection" in node) return indirection(node.A_Indirection, scope, run, use);
  if ("ParamRef" in node)
    return scope.args ? (scope.args.origins[(node.ParamRef.number ?? 0) - 1] ?? UNKNOWN) : NOTHING;
  if ("NullTest" in node) return presence(node.NullTest.arg, scope, run, use);
  if ("JsonArrayQueryConstructor" in node) return subquery(node.JsonArrayQueryConstructor.query, scope, run);
  if ("SelectStmt" in node) return subquery(node, scope, run);
  const kind = kindOf(node);
  if (kind === "TypeName") noteTypes(node, scope, run);
  if ("CaseExpr" in node) return caseValue(node.CaseExpr, scope, run, use);
  if ("CoalesceExpr" in node) return firstValue(node.CoalesceExpr.args ?? [], scope, run, use);
  if (!PLAIN.has(kind)) run.collector.giveUp(`${kind} is not understood`);
  const origin = everyChild(bodyOf(node), scope, run, use);
  noteKeys(
    keyNodes(node).map((key) => expression(key, scope, run, use)),
    run,
    use,
  );
  // Whether the second part is looked at shows in whether it fails.
  if (kind === "BoolExpr" || canFail(node)) noteProbe(origin, run, use);
  if (kind === "RowExpr" || kind === "A_ArrayExpr") meet([...childrenOf(bodyOf(node))], origin, run, use);
  return origin;
}

/** A condition: besides what stands in it, everything that its value depends on chooses rows. */
export function condition(node: Node | undefined, scope: Scope, run: Run): Origin {
  if (node && "BoolExpr" in node && node.BoolExpr.boolop !== "NOT_EXPR") {
    spend(run);
    return computed(...(node.BoolExpr.args ?? []).map((arg) => condition(arg, scope, run)));
  }
  const matched = equality(node, scope, run);
  if (matched) return matched;
  const origin = expression(node, scope, run, "filter");
  run.collector.filteredBy(origin);
  return origin;
}

/** Several expressions at once. */
export function expressions(nodes: readonly Node[] | undefined, scope: Scope, run: Run, use: Use): Origin {
  return computed(...(nodes ?? []).map((node) => expression(node, scope, run, use)));
}

/** Everything below a message, whatever it is. */
export function everyChild(body: unknown, scope: Scope, run: Run, use: Use): Origin {
  const parts: Origin[] = [];
  for (const child of childrenOf(body)) parts.push(expression(child, scope, run, use));
  return computed(...parts);
}

/** A list that comes as one parameter could be as long as this. */
const LIST_VALUES = 1_000;

/** `column = value`, `column IN (values)`, `column = ANY (values)`, where the values are given and not stored. */
function equality(node: Node | undefined, scope: Scope, run: Run): Origin | undefined {
  if (!node || !("A_Expr" in node)) return undefined;
  const { kind = "", lexpr, name, rexpr } = node.A_Expr;
  const operator = qualified(textsOf(name)).name;
  if (!EQUALITIES.has(kind) || operator !== "=") return undefined;
  const [column, values] = lexpr && "ColumnRef" in lexpr ? [lexpr, rexpr] : [rexpr, lexpr];
  if (!column || !("ColumnRef" in column) || isStar(column.ColumnRef) || !values || varies(values)) return undefined;
  spend(run);
  const tested = columnValue(column.ColumnRef, scope, run, "match");
  const given = expression(values, scope, run, "filter");
  callOperator(operator, scope, run);
  const both = computed(tested, given);
  if (tested.exact && given.sources.size === 0 && !given.unknown) run.collector.testedBy(tested, countOf(values, kind));
  else run.collector.filteredBy(both);
  return both;
}

const EQUALITIES = new Set(["AEXPR_OP", "AEXPR_IN", "AEXPR_OP_ANY"]);

function countOf(values: Node, kind: string): number {
  const list = "TypeCast" in values ? values.TypeCast.arg : values;
  if (list && "List" in list) return list.List.items?.length ?? 1;
  if (list && "A_ArrayExpr" in list) return list.A_ArrayExpr.elements?.length ?? 1;
  return kind === "AEXPR_OP_ANY" ? LIST_VALUES : 1;
}

function columnValue(ref: ColumnRef, scope: Scope, run: Run, use: Use): Origin {
  if (isStar(ref)) return computed(...scope.items.map((item) => wholeRow(item, run, use)));
  const meaning = resolveColumn(ref, scope, run, use);
  if (meaning.kind === "value") return meaning.origin;
  const name = { schema: undefined, name: meaning.name };
  return callFunction(
    { name, argumentCount: 1, origins: [meaning.argument], literals: [], onlyIfKnown: meaning.open },
    scope,
    run,
  );
}

function functionCall(call: FuncCall, scope: Scope, run: Run, use: Use): Origin {
  run.collector.visited.add(call);
  const origins = (call.args ?? []).map((arg) => expression(arg, scope, run, use));
  meet(call.args ?? [], computed(...origins), run, use);
  const called = textsOf(call.funcname).at(-1) ?? "";
  // with an encoding, length fails for bytes that are not of it
  const decodes = called === "length" && origins.length > 1;
  if (decodes || !NEVER_FAILING_FUNCTIONS.has(called)) noteProbe(computed(...origins), run, use);
  else noteProbe(origins[FAILING_ARGUMENTS.get(called) ?? -1] ?? NOTHING, run, use);
  noteKeys(keysAmong(called, origins), run, use);
  const order = expressions(call.agg_order, scope, run, use);
  condition(call.agg_filter, scope, run);
  const over = call.over ? everyChild(call.over, scope, run, use) : NOTHING;
  // the order of rows, or of what is aggregated, tells the order of the values
  run.collector.filteredBy(computed(order, over, ...(call.agg_distinct ? origins : [])));
  const result = callFunction(
    {
      name: qualified(textsOf(call.funcname)),
      argumentCount: origins.length,
      origins,
      named: (call.args ?? []).some((arg) => "NamedArgExpr" in arg),
      literals: (call.args ?? []).map((arg) => knownValue(arg, scope)),
    },
    scope,
    run,
  );
  return computed(result, over, call.agg_within_group ? order : NOTHING);
}

function operator(expr: A_Expr, scope: Scope, run: Run, use: Use): Origin {
  const left = expression(expr.lexpr, scope, run, use);
  const right = expression(expr.rexpr, scope, run, use);
  callOperator(qualified(textsOf(expr.name)).name, scope, run);
  for (const name of IMPLIED_OPERATORS[expr.kind ?? ""] ?? []) callOperator(name, scope, run);
  const both = computed(left, right);
  const called = qualified(textsOf(expr.name)).name;
  // NULLIF makes a NULL of a value, and what refuses NULL tells of it
  if (!NEVER_FAILING_OPERATORS.has(called) || expr.kind === "AEXPR_NULLIF") noteProbe(both, run, use);
  else if (PATTERN_OPERATORS.has(called)) noteProbe(right, run, use);
  // A join of stored columns shows nothing that is not stored on either side.
  if (!left.exact || !right.exact) meet([expr.lexpr, expr.rexpr], both, run, use);
  return both;
}

/** Operators that a construct uses without naming them. */
const IMPLIED_OPERATORS: Readonly<Record<string, readonly string[]>> = {
  AEXPR_BETWEEN: [">=", "<="],
  AEXPR_NOT_BETWEEN: ["<", ">"],
  AEXPR_BETWEEN_SYM: [">=", "<="],
  AEXPR_NOT_BETWEEN_SYM: ["<", ">"],
  AEXPR_DISTINCT: ["="],
  AEXPR_NOT_DISTINCT: ["="],
  AEXPR_NULLIF: ["="],
};

/** Which branch runs shows in whether it fails, whatever it gives. */
function caseValue(node: CaseExpr, scope: Scope, run: Run, use: Use): Origin {
  if (node.arg) callOperator("=", scope, run);
  const branches = (node.args ?? []).flatMap((arg) => ("CaseWhen" in arg ? [arg.CaseWhen] : []));
  const tests = [node.arg, ...branches.map((branch) => branch.expr)];
  const chosenBy = computed(...tests.map((test) => expression(test, scope, run, use)));
  noteProbe(chosenBy, run, use);
  const results = [...branches.map((branch) => branch.result), node.defresult];
  const origin = computed(chosenBy, ...results.map((result) => expression(result, scope, run, use)));
  meet([...tests, ...results], origin, run, use);
  return origin;
}

/** COALESCE of a column tells whether there is a value; of an expression, more. */
function firstValue(args: readonly Node[], scope: Scope, run: Run, use: Use): Origin {
  const origins = args.map((arg) => expression(arg, scope, run, use));
  for (const origin of origins) if (!origin.exact) noteProbe(origin, run, use);
  return computed(...origins);
}

/** A value that only flows out is masked; one that decides whether something fails is told by that. */
function noteProbe(origin: Origin, run: Run, use: Use): void {
  if (use === "read") run.collector.probedBy(origin);
}

/** A document's key may not be NULL. Of a stored column that tells whether there is a value; of what is computed, more. */
function noteKeys(keys: readonly Origin[], run: Run, use: Use): void {
  for (const key of keys) if (!key.exact) noteProbe(key, run, use);
}

/** Whatever its type, a cast gives a computed value: its length or form may differ. */
function cast(node: TypeCast, scope: Scope, run: Run, use: Use): Origin {
  const origin = expression(node.arg, scope, run, use);
  const names = textsOf(node.typeName?.names);
  callType(qualified(names).name, scope, run);
  everyChild(node.typeName?.typmods, scope, run, use);
  if (!NEVER_FAILING_CASTS.has(names.at(-1) ?? "")) noteProbe(origin, run, use);
  return { ...origin, exact: false };
}

function noteTypes(node: Node, scope: Scope, run: Run): void {
  if ("TypeName" in node) callType(qualified(textsOf(node.TypeName.names)).name, scope, run);
}

/** Whether there is a value at all is not the value: `IS NULL` reads the column but hides nothing. */
function presence(arg: Node | undefined, scope: Scope, run: Run, use: Use): Origin {
  const plain = arg && "ColumnRef" in arg;
  const origin = expression(arg, scope, run, use === "write" ? "read" : plain ? "match" : "filter");
  return origin.exact ? NOTHING : { ...origin, exact: false };
}

function sublink(link: SubLink, scope: Scope, run: Run, use: Use): Origin {
  const test = expression(link.testexpr, scope, run, use);
  const name = textsOf(link.operName).at(-1);
  if (name !== undefined) callOperator(name, scope, run);
  const select = link.subselect;
  if (!select || !("SelectStmt" in select)) {
    run.collector.giveUp("a subquery of an unknown form");
    return UNKNOWN;
  }
  const shape = run.query(select.SelectStmt, childScope(scope), run);
  const columns = shape.columns.map((column) => column.origin);
  const exact = test.exact && columns.every((column) => column.exact);
  // ANY and ALL read no further than they must: whether a later row fails, and how many were read, tells of those before
  if (link.testexpr) noteProbe(computed(test, ...columns, shape.open ? UNKNOWN : NOTHING), run, use);
  if (use === "filter" && link.testexpr && !exact) run.collector.correlate(computed(test, ...columns));
  const exists = link.subLinkType === "EXISTS_SUBLINK";
  const content = exists ? NOTHING : computed(...columns, shape.open ? UNKNOWN : NOTHING);
  return { ...computed(content, shape.filters, test), exact: false };
}

/** In a condition, two parts that both vary from row to row: which rows are left tells the one by the other. */
function meet(parts: readonly (Node | undefined)[], origin: Origin, run: Run, use: Use): void {
  if ((use !== "filter" && use !== "match") || origin.sources.size === 0) return;
  if (parts.filter((part) => varies(part)).length > 1) run.collector.correlate(origin);
}

function varies(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if ("ColumnRef" in value || "SubLink" in value) return true;
  return Object.values(value).some(varies);
}

function subquery(query: Node | undefined, scope: Scope, run: Run): Origin {
  if (!query || !("SelectStmt" in query)) {
    run.collector.giveUp("a subquery of an unknown form");
    return UNKNOWN;
  }
  const shape = run.query(query.SelectStmt, childScope(scope), run);
  return computed(...shape.columns.map((column) => column.origin), shape.filters, shape.open ? UNKNOWN : NOTHING);
}

/** `(value).name` selects a field or calls a function; `[i]` subscripts. */
function indirection(node: A_Indirection, scope: Scope, run: Run, use: Use): Origin {
  const [first, ...later] = node.indirection ?? [];
  const column = columnOfRow(node.arg, textOf(first), scope, run, use);
  let origin: Origin = column ?? { ...expression(node.arg, scope, run, use), exact: false };
  for (const step of column ? later : (node.indirection ?? [])) {
    const name = textOf(step);
    if (name === undefined) origin = computed(origin, expression(step, scope, run, use));
    else if (name !== "*") origin = field(name, origin, scope, run);
  }
  return origin;
}

function field(name: string, argument: Origin, scope: Scope, run: Run): Origin {
  const called = { name: { schema: undefined, name }, argumentCount: 1, origins: [argument], literals: [] };
  return callFunction({ ...called, onlyIfKnown: true }, scope, run);
}
