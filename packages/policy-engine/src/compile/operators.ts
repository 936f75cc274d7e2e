import { Datetime, Duration } from "../values/datetime.ts";
import { Fault } from "../values/fault.ts";
import { addLongs, type Long, multiplyLongs, subtractLongs } from "../values/long.ts";
import { Uid } from "../values/uid.ts";
import { CedarSet, equalValues, typeName, type Val } from "../values/value.ts";
import { type Env, isIn, nodeOf } from "./env.ts";
import type { BinaryOperator } from "./expr.ts";

type Operate = (left: Val, right: Val, env: Env) => Val | Fault;

function wrong(wanted: string, got: Val): Fault {
  return new Fault(`type error: expected ${wanted}, got ${typeName(got)}`);
}

function isLong(value: Val): value is Long {
  return typeof value === "number" || typeof value === "bigint";
}

function compare(test: (left: Long, right: Long) => boolean): Operate {
  return (left, right) => {
    if (isLong(left) && isLong(right)) return test(left, right);
    if (left instanceof Datetime && right instanceof Datetime) return test(left.ms, right.ms);
    if (left instanceof Duration && right instanceof Duration) return test(left.ms, right.ms);
    const comparable = isLong(left) || left instanceof Datetime || left instanceof Duration;
    return wrong(comparable ? typeName(left) : "long, datetime or duration", comparable ? right : left);
  };
}

function arithmetic(name: string, run: (left: Long, right: Long) => Long | undefined): Operate {
  return (left, right) => {
    if (!isLong(left)) return wrong("long", left);
    if (!isLong(right)) return wrong("long", right);
    return run(left, right) ?? new Fault(`integer overflow while evaluating ${left} ${name} ${right}`);
  };
}

function sets(run: (left: CedarSet, right: CedarSet) => boolean): Operate {
  return (left, right) => {
    if (!(left instanceof CedarSet)) return wrong("set", left);
    return right instanceof CedarSet ? run(left, right) : wrong("set", right);
  };
}

/** Cedar's `in`: an entity in an entity, or in any of a set of entities. */
export function evaluateIn(left: Val, right: Val, env: Env): boolean | Fault {
  if (!(left instanceof Uid)) return wrong("entity", left);
  if (right instanceof Uid) return isIn(env, left, right);
  if (!(right instanceof CedarSet)) return wrong("entity or set of entities", right);
  let within = false;
  for (const item of right.items) {
    if (!(item instanceof Uid)) return wrong("entity", item);
    within ||= isIn(env, left, item);
  }
  return within;
}

function getTag(left: Val, right: Val, env: Env): Val | Fault {
  if (!(left instanceof Uid)) return wrong("entity", left);
  if (typeof right !== "string") return wrong("string", right);
  const node = nodeOf(env, left);
  if (node === undefined) return new Fault(() => `entity ${left.text} does not exist`);
  return node.tags.fields.get(right) ?? new Fault(() => `${left.text} does not have the tag ${JSON.stringify(right)}`);
}

function hasTag(left: Val, right: Val, env: Env): Val | Fault {
  if (!(left instanceof Uid)) return wrong("entity", left);
  if (typeof right !== "string") return wrong("string", right);
  return nodeOf(env, left)?.tags.fields.has(right) === true;
}

/** Operators that evaluate both operands first. */
export const binaryOperations: Readonly<Record<BinaryOperator, Operate>> = {
  "==": (left, right) => equalValues(left, right),
  "!=": (left, right) => !equalValues(left, right),
  in: evaluateIn,
  "<": compare((left, right) => left < right),
  "<=": compare((left, right) => left <= right),
  ">": compare((left, right) => left > right),
  ">=": compare((left, right) => left >= right),
  "+": arithmetic("+", addLongs),
  "-": arithmetic("-", subtractLongs),
  "*": arithmetic("*", multiplyLongs),
  contains: (left, right) => (left instanceof CedarSet ? left.has(right) : wrong("set", left)),
  containsAll: sets((left, right) => left.hasAll(right)),
  containsAny: sets((left, right) => left.hasAny(right)),
  getTag,
  hasTag,
};
