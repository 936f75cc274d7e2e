import { extensionFunctions } from "../values/extensions.ts";
import { Fault } from "../values/fault.ts";
import { negateLong } from "../values/long.ts";
import { Uid } from "../values/uid.ts";
import { CedarRecord, CedarSet, isAtom, typeName, type Val } from "../values/value.ts";
import { BadEst } from "./bad-est.ts";
import { type Env, type Evaluate, isIn, nodeOf } from "./env.ts";
import type { Expr, Variable } from "./expr.ts";
import { compileLike } from "./like.ts";
import { binaryOperations, evaluateIn } from "./operators.ts";

type Of<Op extends Expr["op"]> = Extract<Expr, { op: Op }>;

function wrong(wanted: string, got: Val | Fault): Fault {
  return got instanceof Fault ? got : new Fault(() => `type error: expected ${wanted}, got ${typeName(got)}`);
}

/** Compiles an expression to a closure. The closure is total: what goes wrong comes back as a Fault. */
export function compileExpr(expr: Expr): Evaluate {
  switch (expr.op) {
    case "literal": {
      const { value } = expr;
      return () => value;
    }
    case "fault": {
      const { fault } = expr;
      return () => fault;
    }
    case "variable":
      return variableReaders[expr.name];
    case "not":
    case "negate":
    case "isEmpty":
      return compileUnary(expr);
    case "and":
    case "or":
      return compileLogic(expr);
    case "binary":
      return compileBinary(expr);
    case "attribute":
      return compileAttribute(expr);
    case "has":
      return compileHas(expr);
    case "like":
      return compileLikeExpr(expr);
    case "is":
      return compileIs(expr);
    case "if":
      return compileIf(expr);
    case "set":
      return compileSet(expr);
    case "record":
      return compileRecord(expr);
    case "call":
      return compileCall(expr);
  }
}

const variableReaders: Readonly<Record<Variable, Evaluate>> = {
  principal: (env) => env.principal,
  action: (env) => env.action,
  resource: (env) => env.resource,
  context: (env) => env.context,
};

function compileUnary({ op, arg }: Of<"not" | "negate" | "isEmpty">): Evaluate {
  const operand = compileExpr(arg);
  if (op === "not") {
    return (env) => {
      const value = operand(env);
      return typeof value === "boolean" ? !value : wrong("bool", value);
    };
  }
  if (op === "isEmpty") {
    return (env) => {
      const value = operand(env);
      return value instanceof CedarSet ? value.size === 0 : wrong("set", value);
    };
  }
  return (env) => {
    const value = operand(env);
    if (typeof value !== "number" && typeof value !== "bigint") return wrong("long", value);
    return negateLong(value) ?? new Fault("integer overflow while negating");
  };
}

function compileLogic({ op, left, right }: Of<"and" | "or">): Evaluate {
  const first = compileExpr(left);
  const second = compileExpr(right);
  const decisive = op === "or";
  return (env) => {
    const value = first(env);
    if (value === decisive) return value;
    if (typeof value !== "boolean") return wrong("bool", value);
    const other = second(env);
    return typeof other === "boolean" ? other : wrong("bool", other);
  };
}

function compileBinary(expr: Of<"binary">): Evaluate {
  const special = compileSpecialBinary(expr);
  if (special !== undefined) return special;
  const left = compileExpr(expr.left);
  const right = compileExpr(expr.right);
  const operate = binaryOperations[expr.operator];
  return (env) => {
    const first = left(env);
    if (first instanceof Fault) return first;
    const second = right(env);
    return second instanceof Fault ? second : operate(first, second, env);
  };
}

/** The shapes that policies are made of, without the detour over a general operator. */
function compileSpecialBinary({ operator, left, right }: Of<"binary">): Evaluate | undefined {
  if (right.op === "literal" && isAtom(right.value) && (operator === "==" || operator === "!=")) {
    const read = compileExpr(left);
    const atom = right.value;
    const same = operator === "==";
    return (env) => {
      const value = read(env);
      return value instanceof Fault ? value : (value === atom) === same;
    };
  }
  if (operator === "in" && right.op === "literal" && right.value instanceof Uid) {
    const read = compileExpr(left);
    const ancestor = right.value;
    return (env) => {
      const value = read(env);
      return value instanceof Uid ? isIn(env, value, ancestor) : wrong("entity", value);
    };
  }
  if (operator === "contains" && left.op === "literal" && left.value instanceof CedarSet) {
    const read = compileExpr(right);
    const set = left.value;
    return (env) => {
      const value = read(env);
      return value instanceof Fault ? value : set.has(value);
    };
  }
  return undefined;
}

function compileAttribute({ left, name }: Of<"attribute">): Evaluate {
  if (left.op === "variable" && left.name === "context") {
    return (env) => env.context.fields.get(name) ?? new Fault(() => `context does not have the attribute ${name}`);
  }
  const nested = compileContextPath(left, name);
  if (nested !== undefined) return nested;
  const read = compileExpr(left);
  return (env) => attributeOf(read(env), name, env);
}

function attributeOf(owner: Val | Fault, name: string, env: Env): Val | Fault {
  if (owner instanceof CedarRecord) {
    return owner.fields.get(name) ?? new Fault(() => `record does not have the attribute ${name}`);
  }
  if (!(owner instanceof Uid)) return wrong("record or entity", owner);
  const node = nodeOf(env, owner);
  if (node === undefined) return new Fault(() => `entity ${owner.text} does not exist`);
  return node.attrs.fields.get(name) ?? new Fault(() => `${owner.text} does not have the attribute ${name}`);
}

/** `context.a.b`, which most conditions read: two look-ups in one closure. */
function compileContextPath(left: Expr, name: string): Evaluate | undefined {
  if (left.op !== "attribute" || left.left.op !== "variable" || left.left.name !== "context") return undefined;
  const outer = left.name;
  const general = compileExpr(left);
  return (env) => {
    const owner = env.context.fields.get(outer);
    if (owner instanceof CedarRecord) {
      return owner.fields.get(name) ?? new Fault(() => `context.${outer} does not have the attribute ${name}`);
    }
    return attributeOf(general(env), name, env);
  };
}

/** `x has a.b.c` is `x has a && x.a has b && x.a.b has c`. */
function compileHas({ left, path }: Of<"has">): Evaluate {
  const read = compileExpr(left);
  return (env) => {
    let owner = read(env);
    for (const name of path) {
      const fields = fieldsOf(env, owner);
      if (fields instanceof Fault) return fields;
      const next = fields?.get(name);
      if (next === undefined) return false;
      owner = next;
    }
    return true;
  };
}

function fieldsOf(env: Env, owner: Val | Fault): ReadonlyMap<string, Val> | Fault | undefined {
  if (owner instanceof CedarRecord) return owner.fields;
  if (owner instanceof Uid) return nodeOf(env, owner)?.attrs.fields;
  return wrong("record or entity", owner);
}

function compileLikeExpr({ left, pattern }: Of<"like">): Evaluate {
  const read = compileExpr(left);
  const matches = compileLike(pattern);
  return (env) => {
    const text = read(env);
    return typeof text === "string" ? matches(text) : wrong("string", text);
  };
}

function compileIs({ left, type, within }: Of<"is">): Evaluate {
  const read = compileExpr(left);
  const container = within === undefined ? undefined : compileExpr(within);
  return (env) => {
    const entity = read(env);
    if (!(entity instanceof Uid)) return wrong("entity", entity);
    if (entity.type !== type) return false;
    if (container === undefined) return true;
    const ancestor = container(env);
    return ancestor instanceof Fault ? ancestor : evaluateIn(entity, ancestor, env);
  };
}

function compileIf(expr: Of<"if">): Evaluate {
  const test = compileExpr(expr.test);
  const consequent = compileExpr(expr.consequent);
  const otherwise = compileExpr(expr.otherwise);
  return (env) => {
    const value = test(env);
    if (value === true) return consequent(env);
    return value === false ? otherwise(env) : wrong("bool", value);
  };
}

function compileSet({ items }: Of<"set">): Evaluate {
  const readers = items.map(compileExpr);
  return (env) => {
    const values: Val[] = [];
    for (const read of readers) {
      const value = read(env);
      if (value instanceof Fault) return value;
      values.push(value);
    }
    return new CedarSet(values);
  };
}

function compileRecord({ fields }: Of<"record">): Evaluate {
  const readers = fields.map(([name, field]) => [name, compileExpr(field)] as const);
  return (env) => {
    const values = new Map<string, Val>();
    for (const [name, read] of readers) {
      const value = read(env);
      if (value instanceof Fault) return value;
      values.set(name, value);
    }
    return new CedarRecord(values);
  };
}

function compileCall({ name, args }: Of<"call">): Evaluate {
  const found = extensionFunctions.get(name);
  const [first, second] = args.map(compileExpr);
  if (found === undefined || first === undefined) throw new BadEst("policy.bad_est", `unknown function ${name}`);
  if (second === undefined) {
    return (env) => {
      const value = first(env);
      return value instanceof Fault ? value : found.apply(value, false);
    };
  }
  return (env) => {
    const left = first(env);
    if (left instanceof Fault) return left;
    const right = second(env);
    return right instanceof Fault ? right : found.apply(left, right);
  };
}
