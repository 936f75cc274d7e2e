import type { PolicyEngine } from "./contract.ts";
import { decide } from "./decide.ts";
import type { PolicyIndex } from "./index/policy-index.ts";
import { Snapshot } from "./snapshot.ts";
import { Uid } from "./values/uid.ts";
import { CedarRecord } from "./values/value.ts";

const principalTypes: ReadonlySet<string> = new Set(["User", "Agent", "Workload"]);

/** Who would be allowed or asked. Without `principals`, every user, agent and workload of the snapshot is tried. */
export function whoCan(
  index: PolicyIndex,
  question: Parameters<PolicyEngine["whoCan"]>[0],
): ReturnType<PolicyEngine["whoCan"]> {
  const { principals, ...request } = question;
  const answers = [...(principals ?? principalsOf(request.entities))].map((principal) => {
    const onBehalfOf = personBehind(request.entities, principal);
    return { principal, verdict: decide(index, { ...request, principal, onBehalfOf }) };
  });
  return answers.filter(({ verdict }) => verdict.kind !== "deny");
}

/** Which of the given pairs a principal would be allowed, or asked about. */
export function whatCan(
  index: PolicyIndex,
  question: Parameters<PolicyEngine["whatCan"]>[0],
): ReturnType<PolicyEngine["whatCan"]> {
  const { pairs, ...asker } = question;
  const answers = [...pairs].map(({ action, resource, context }) => ({
    action,
    resource,
    verdict: decide(index, { ...asker, action, resource, context }),
  }));
  return answers.filter(({ verdict }) => verdict.kind !== "deny");
}

type Entities = Parameters<PolicyEngine["whatCan"]>[0]["entities"];
type Name = Parameters<PolicyEngine["whatCan"]>[0]["principal"];

function* principalsOf(entities: Entities): Generator<Name> {
  if (!(entities instanceof Snapshot)) return;
  for (const { uid } of entities.nodes()) if (principalTypes.has(uid.type)) yield uid;
}

function personBehind(entities: Entities, principal: Name): Name | undefined {
  if (!(entities instanceof Snapshot) || principal.type !== "Agent") return undefined;
  const attrs = principal instanceof Uid ? entities.node(principal)?.attrs : undefined;
  const person = attrs instanceof CedarRecord ? attrs.fields.get("onBehalfOf") : undefined;
  return person instanceof Uid ? person : undefined;
}
