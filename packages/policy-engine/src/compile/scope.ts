import { isObject } from "../values/from-json.ts";
import type { Uid } from "../values/uid.ts";
import { refuse } from "./bad-est.ts";
import { type Env, isIn, type Test } from "./env.ts";
import { readUid, type Slots, slotValue } from "./read-expr.ts";

/** What a policy's head asks of one part of the request. */
export type Constraint =
  | { readonly kind: "any" }
  | { readonly kind: "equals"; readonly uid: Uid }
  | { readonly kind: "within"; readonly uids: readonly Uid[] }
  | { readonly kind: "typed"; readonly type: string; readonly within: Uid | undefined };

/** Reads a principal or resource constraint from EST. */
export function readConstraint(json: unknown, slots: Slots): Constraint {
  const constraint = readActionConstraint(json, slots);
  return constraint.kind === "within" && constraint.uids.length !== 1
    ? refuse("only an action may be in one of several")
    : constraint;
}

/** Reads an action constraint, which may name several groups. */
export function readActionConstraint(json: unknown, slots: Slots): Constraint {
  if (!isObject(json)) return refuse("a scope constraint is an object");
  switch (json["op"]) {
    case "All":
      return { kind: "any" };
    case "==":
      return { kind: "equals", uid: readTarget(json, slots) };
    case "in":
      return {
        kind: "within",
        uids: Array.isArray(json["entities"]) ? json["entities"].map(readUid) : [readTarget(json, slots)],
      };
    case "is":
      return readTyped(json, slots);
    default:
      return refuse(`unknown scope operator ${String(json["op"])}`);
  }
}

function readTarget(json: Readonly<Record<string, unknown>>, slots: Slots): Uid {
  return json["slot"] === undefined ? readUid(json["entity"]) : slotValue(json["slot"], slots);
}

function readTyped(json: Readonly<Record<string, unknown>>, slots: Slots): Constraint {
  const { entity_type: type, in: container } = json;
  if (typeof type !== "string") return refuse("is without an entity type");
  return { kind: "typed", type, within: isObject(container) ? readTarget(container, slots) : undefined };
}

/** Compiles a constraint on the entity that `pick` takes from the request; undefined when everything passes. */
export function compileConstraint(constraint: Constraint, pick: (env: Env) => Uid): Test | undefined {
  switch (constraint.kind) {
    case "any":
      return undefined;
    case "equals": {
      const { uid } = constraint;
      return (env) => pick(env) === uid;
    }
    case "within":
      return compileWithin(constraint.uids, pick);
    case "typed": {
      const { type, within } = constraint;
      if (within === undefined) return (env) => pick(env).type === type;
      return (env) => pick(env).type === type && isIn(env, pick(env), within);
    }
  }
}

function compileWithin(uids: readonly Uid[], pick: (env: Env) => Uid): Test {
  const [only] = uids;
  if (only !== undefined && uids.length === 1) return (env) => isIn(env, pick(env), only);
  return (env) => uids.some((uid) => isIn(env, pick(env), uid));
}
