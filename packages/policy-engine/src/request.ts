import type { Env } from "./compile/env.ts";
import type { DecisionRequest, EntityUid } from "./contract.ts";
import { asUid, Snapshot } from "./snapshot.ts";
import { CedarRecord } from "./values/value.ts";

/** What policies see when `principal` asks; undefined when the request was not made with this package's constructors. */
export function envOf(request: DecisionRequest, principal: EntityUid): Env | undefined {
  const { context, entities } = request;
  if (!(context instanceof CedarRecord) || !(entities instanceof Snapshot)) return undefined;
  const who = asUid(principal);
  const action = asUid(request.action);
  const resource = asUid(request.resource);
  return {
    principal: who,
    action,
    resource,
    context,
    snapshot: entities,
    principalNode: entities.node(who),
    actionNode: entities.node(action),
    resourceNode: entities.node(resource),
  };
}
