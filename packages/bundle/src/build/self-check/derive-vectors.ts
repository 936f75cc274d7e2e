import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { sluiceActions } from "@sluice/policy-engine";
import type { VectorRequest } from "../../self-check.ts";
import { neutralContext } from "../neutral-context.ts";
import { type Wish, wishesOf } from "./wishes.ts";

type Uid = VectorRequest["principal"];
type Json = Record<string, unknown>;

interface Side {
  readonly uid: Uid;
  readonly parents: readonly Uid[];
}

const groups = new Map(sluiceActions().map(({ uid, parents }) => [uid.id, parents.map(({ id }) => id)]));
const inGroup = (id: string, group: string): boolean =>
  id === group || (groups.get(id) ?? []).some((parent) => inGroup(parent, group));
const concrete = [...groups.keys()].filter((id) => id.includes(".") && ![...groups.values()].flat().includes(id));

/**
 * Requests that a policy is about: one with a plain exchange, one in which everything that its conditions compare is as they
 * want it. Both match its scope. They depend on the policy alone.
 */
export function deriveVectors(json: PolicyJson): VectorRequest[] {
  const principal = sideOf(json.principal, "User");
  const resource = sideOf(json.resource, "Table");
  const action = actionOf(json);
  const plain = { principal, resource, action, context: { ...neutralContext(action) } };
  const wishes = json.conditions.flatMap(({ body }) => wishesOf(body));
  return [vector(plain, []), vector(plain, wishes)];
}

interface Plain {
  readonly principal: Side;
  readonly resource: Side;
  readonly action: string;
  readonly context: Readonly<Json>;
}

function vector({ principal, resource, action, context }: Plain, wishes: readonly Wish[]): VectorRequest {
  const wanted: Json = structuredClone(context);
  const who = entityOf(principal, { handle: "v", name: "v", email: "v" }, "principal", wishes);
  const shape = { name: "v", kind: "v", environment: "v", schema: "v", classes: [] };
  const what = entityOf(resource, shape, "resource", wishes);
  for (const wish of wishes) if (wish.root === "context" && wish.path.length > 0) put(wanted, wish.path, wish.value);
  return { principal: who.uid, action, resource: what.uid, context: wanted, entities: [who, what] };
}

function entityOf(
  side: Side,
  attrs: Json,
  root: Wish["root"],
  wishes: readonly Wish[],
): VectorRequest["entities"][number] {
  const fields: Json = { ...attrs };
  const parents: Uid[] = [...side.parents];
  for (const wish of wishes) {
    if (wish.root !== root) continue;
    if (wish.path.length > 0) put(fields, wish.path, wish.value);
    else if (wish.parent !== undefined) parents.push(wish.parent);
  }
  return { uid: side.uid, attrs: fields, parents };
}

function put(into: Json, [name = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    into[name] = value;
    return;
  }
  const below = into[name];
  const next: Json = isRecord(below) ? { ...below } : {};
  into[name] = next;
  put(next, rest, value);
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sideOf(scope: PolicyJson["principal"] | PolicyJson["resource"], type: string): Side {
  if (scope.op === "==" && "entity" in scope) return { uid: plainUid(scope.entity), parents: [] };
  if (scope.op === "in" && "entity" in scope) return { uid: { type, id: "v" }, parents: [plainUid(scope.entity)] };
  if (scope.op !== "is") return { uid: { type, id: "v" }, parents: [] };
  const within = scope.in !== undefined && "entity" in scope.in ? [plainUid(scope.in.entity)] : [];
  return { uid: { type: scope.entity_type, id: "v" }, parents: within };
}

function actionOf({ action }: PolicyJson): string {
  const named =
    action.op === "All" ? [] : "entities" in action ? action.entities : "entity" in action ? [action.entity] : [];
  const [first] = named.map((uid) => plainUid(uid).id);
  if (first === undefined) return "sql.read.select";
  return concrete.find((id) => inGroup(id, first)) ?? first;
}

function plainUid(uid: Uid | { readonly __entity: Uid }): Uid {
  const { type, id } = "__entity" in uid ? uid.__entity : uid;
  return { type, id };
}
