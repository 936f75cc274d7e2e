import type { CedarValueJson, Context, EntityJson } from "@cedar-policy/cedar-wasm/nodejs";
import {
  type DecisionRequest,
  type EntityInput,
  type EntityUid,
  type Value,
  valueToCedarJson,
} from "@sluice/policy-engine";
import { worldEntities } from "./policy-world.ts";

/** Cedar's JSON form of an entity. */
export type JsonEntity = EntityJson;

const world = new Map(worldEntities().map((entity) => [`${entity.uid.type}::${entity.uid.id}`, entity]));

/** The entities that one request needs: its chain and resource with all their ancestors, and a few more, 27 in all. */
export function cedarEntities({ principal, onBehalfOf, resource }: DecisionRequest): JsonEntity[] {
  const chosen = new Map<string, EntityInput>();
  const add = (uid: EntityUid) => {
    const name = `${uid.type}::${uid.id}`;
    const entity = world.get(name);
    if (entity === undefined || chosen.has(name)) return;
    chosen.set(name, entity);
    for (const parent of entity.parents) add(parent);
  };
  add(principal);
  if (onBehalfOf !== undefined) add(onBehalfOf);
  add(resource);
  for (const entity of world.values()) {
    if (chosen.size >= 27) break;
    add(entity.uid);
  }
  return [...chosen.values()].map(toJson);
}

/** Cedar's JSON form of a request's context. */
export function cedarContext({ context }: DecisionRequest): Context {
  const json = valueToCedarJson(context);
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new TypeError("a context is a record");
  return Object.fromEntries(Object.entries(json));
}

function toJson({ uid, attrs, parents }: EntityInput): JsonEntity {
  const named: [string, Value][] = attrs instanceof Map ? [...attrs] : Object.entries(attrs);
  const fields: [string, CedarValueJson][] = named.map(([name, item]) => [name, valueToCedarJson(item)]);
  return {
    uid: { type: uid.type, id: uid.id },
    attrs: Object.fromEntries(fields),
    parents: parents.map(({ type, id }) => ({ type, id })),
  };
}
