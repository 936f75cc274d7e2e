import type { Env } from "./compile/env.ts";
import type { DecisionRequest } from "./contract.ts";
import { Snapshot } from "./snapshot.ts";
import { Fault } from "./values/fault.ts";
import { internUid, Uid } from "./values/uid.ts";
import { CedarRecord } from "./values/value.ts";

/** What policies see when `asker` asks; a fault that says what is wrong with a request that this package's constructors did not make. */
export function envOf(request: DecisionRequest, asker: unknown): Env | Fault {
  const { context, entities } = request;
  if (!(context instanceof CedarRecord)) return new Fault("the context is not a record of this engine");
  if (!(entities instanceof Snapshot)) return new Fault("the entities are not a snapshot of this engine");
  const principal = nameOf(asker);
  const action = nameOf(request.action);
  const resource = nameOf(request.resource);
  if (principal === undefined) return new Fault("the principal is not the name of an entity");
  if (action === undefined) return new Fault("the action is not the name of an entity");
  if (resource === undefined) return new Fault("the resource is not the name of an entity");
  return {
    principal,
    action,
    resource,
    context,
    snapshot: entities,
    principalNode: entities.node(principal),
    actionNode: entities.node(action),
    resourceNode: entities.node(resource),
  };
}

function nameOf(given: unknown): Uid | undefined {
  if (given instanceof Uid) return given;
  if (typeof given !== "object" || given === null || !("type" in given) || !("id" in given)) return undefined;
  const { type, id } = given;
  return typeof type === "string" && typeof id === "string" ? internUid(type, id) : undefined;
}
