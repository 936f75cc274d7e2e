import { extensionFunctions } from "../values/extensions.ts";
import { Fault } from "../values/fault.ts";
import { isObject, uidFromJson, valueFromCedarJson } from "../values/from-json.ts";
import type { Uid } from "../values/uid.ts";
import { CedarRecord, CedarSet, type Val } from "../values/value.ts";
import { BadEst, refuse } from "./bad-est.ts";
import type { BinaryOperator, Expr, Variable } from "./expr.ts";

/** How deep an expression may nest: closures recurse as deep, and the stack must hold. */
const DEPTH_MAX = 600;

/** The slots of a template link: `?principal` and `?resource`. */
export type Slots = ReadonlyMap<string, Uid>;

type Reader = (body: unknown, slots: Slots, depth: number) => Expr;

const binaryOperators: ReadonlySet<string> = new Set<BinaryOperator>([
  "==",
  "!=",
  "in",
  "<",
  "<=",
  ">",
  ">=",
  "+",
  "-",
  "*",
  "contains",
  "containsAll",
  "containsAny",
  "getTag",
  "hasTag",
]);
const variables: ReadonlySet<string> = new Set<Variable>(["principal", "action", "resource", "context"]);

function isBinary(name: string): name is BinaryOperator {
  return binaryOperators.has(name);
}
function isVariable(name: unknown): name is Variable {
  return typeof name === "string" && variables.has(name);
}

/** Reads one EST expression; refuses what it does not know. */
export function readExpr(json: unknown, slots: Slots, depth = 0): Expr {
  if (depth > DEPTH_MAX) throw new BadEst("policy.unsupported_expression", `expressions nest deeper than ${DEPTH_MAX}`);
  const [name, body] = only(json);
  const reader = readers.get(name);
  if (reader !== undefined) return reader(body, slots, depth + 1);
  if (isBinary(name)) return { op: "binary", operator: name, ...operands(body, slots, depth + 1) };
  return readCall(name, body, slots, depth + 1);
}

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["Value", (body) => readLiteral(body)],
  ["Var", (body) => (isVariable(body) ? { op: "variable", name: body } : refuse(`unknown variable ${String(body)}`))],
  ["Slot", (body, slots) => ({ op: "literal", value: slotValue(body, slots) })],
  ["!", (body, slots, depth) => ({ op: "not", arg: argument(body, slots, depth) })],
  ["neg", (body, slots, depth) => ({ op: "negate", arg: argument(body, slots, depth) })],
  ["isEmpty", (body, slots, depth) => ({ op: "isEmpty", arg: argument(body, slots, depth) })],
  ["&&", (body, slots, depth) => ({ op: "and", ...operands(body, slots, depth) })],
  ["||", (body, slots, depth) => ({ op: "or", ...operands(body, slots, depth) })],
  [
    ".",
    (body, slots, depth) => ({ op: "attribute", left: left(body, slots, depth), name: text(member(body, "attr")) }),
  ],
  [
    "has",
    (body, slots, depth) => ({ op: "has", left: left(body, slots, depth), path: readPath(member(body, "attr")) }),
  ],
  ["like", (body, slots, depth) => readLike(body, slots, depth)],
  ["is", (body, slots, depth) => readIs(body, slots, depth)],
  ["if-then-else", (body, slots, depth) => readIf(body, slots, depth)],
  ["Set", (body, slots, depth) => readSet(body, slots, depth)],
  ["Record", (body, slots, depth) => readRecord(body, slots, depth)],
]);

function only(json: unknown): readonly [string, unknown] {
  if (!isObject(json)) return refuse("an expression is an object with one key");
  const [entry, ...rest] = Object.entries(json);
  return entry === undefined || rest.length > 0 ? refuse("an expression is an object with one key") : entry;
}

function member(body: unknown, name: string): unknown {
  return isObject(body) && Object.hasOwn(body, name) ? body[name] : refuse(`an operator lacks "${name}"`);
}

function text(json: unknown): string {
  return typeof json === "string" ? json : refuse("expected a text");
}

function argument(body: unknown, slots: Slots, depth: number): Expr {
  return readExpr(member(body, "arg"), slots, depth);
}

function left(body: unknown, slots: Slots, depth: number): Expr {
  return readExpr(member(body, "left"), slots, depth);
}

function operands(body: unknown, slots: Slots, depth: number): { left: Expr; right: Expr } {
  return { left: left(body, slots, depth), right: readExpr(member(body, "right"), slots, depth) };
}

function readLiteral(body: unknown): Expr {
  const read = valueFromCedarJson(body);
  return read.ok ? { op: "literal", value: read.value } : refuse(read.error.internal);
}

/** The entity a template's slot stands for. */
export function slotValue(name: unknown, slots: Slots): Uid {
  return slots.get(text(name)) ?? refuse(`no value for slot ${text(name)}`);
}

function readPath(json: unknown): readonly string[] {
  const path: readonly unknown[] = Array.isArray(json) ? json : [json];
  return path.length === 0 ? refuse("has without an attribute") : path.map(text);
}

function readLike(body: unknown, slots: Slots, depth: number): Expr {
  const elements = member(body, "pattern");
  if (!Array.isArray(elements)) return refuse("a like pattern is an array");
  const parts: string[] = [""];
  for (const element of elements) {
    if (element === "Wildcard") parts.push("");
    else parts.push((parts.pop() ?? "") + text(member(element, "Literal")));
  }
  return { op: "like", left: left(body, slots, depth), pattern: parts };
}

function readIs(body: unknown, slots: Slots, depth: number): Expr {
  const within = isObject(body) && body["in"] !== undefined ? readExpr(body["in"], slots, depth) : undefined;
  return { op: "is", left: left(body, slots, depth), type: text(member(body, "entity_type")), within };
}

function readIf(body: unknown, slots: Slots, depth: number): Expr {
  return {
    op: "if",
    test: readExpr(member(body, "if"), slots, depth),
    consequent: readExpr(member(body, "then"), slots, depth),
    otherwise: readExpr(member(body, "else"), slots, depth),
  };
}

function literals(items: readonly Expr[]): Val[] | undefined {
  const values: Val[] = [];
  for (const item of items) {
    if (item.op !== "literal") return undefined;
    values.push(item.value);
  }
  return values;
}

function readSet(body: unknown, slots: Slots, depth: number): Expr {
  if (!Array.isArray(body)) return refuse("a set is an array");
  const items = body.map((item) => readExpr(item, slots, depth));
  const values = literals(items);
  return values === undefined ? { op: "set", items } : { op: "literal", value: new CedarSet(values) };
}

function readRecord(body: unknown, slots: Slots, depth: number): Expr {
  if (!isObject(body)) return refuse("a record is an object");
  const fields = Object.entries(body).map(([name, item]) => [name, readExpr(item, slots, depth)] as const);
  const values = literals(fields.map(([, item]) => item));
  if (values === undefined) return { op: "record", fields };
  return { op: "literal", value: new CedarRecord(new Map(fields.map(([name], at) => [name, nth(values, at)]))) };
}

function readCall(name: string, body: unknown, slots: Slots, depth: number): Expr {
  const found = extensionFunctions.get(name);
  if (found === undefined) throw new BadEst("policy.unsupported_expression", `unknown operator or function ${name}`);
  if (!Array.isArray(body)) return refuse(`the arguments of ${name} are not an array`);
  // Cedar parses a wrong number of arguments and fails when it evaluates them
  if (body.length !== found.arity) return { op: "fault", fault: new Fault(`${name} takes ${found.arity} argument(s)`) };
  const args = body.map((item) => readExpr(item, slots, depth));
  const values = literals(args);
  if (values === undefined) return { op: "call", name, args };
  const folded = found.apply(nth(values, 0), nth(values, 1));
  return folded instanceof Fault ? { op: "fault", fault: folded } : { op: "literal", value: folded };
}

/** A function of one argument is given a second one that it does not read. */
function nth(values: readonly Val[], at: number): Val {
  return values[at] ?? false;
}

/** Reads an entity name inside a scope. */
export function readUid(json: unknown): Uid {
  return uidFromJson(json) ?? refuse("expected an entity with type and id");
}
