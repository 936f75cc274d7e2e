import type { Answers, PolicyEngine, Verdict } from "./contract.ts";
import { decide } from "./decide.ts";
import type { PolicyIndex } from "./index/policy-index.ts";
import { asUid, Snapshot } from "./snapshot.ts";
import { Uid } from "./values/uid.ts";

const principalTypes: ReadonlySet<string> = new Set(["User", "Agent", "Workload"]);

/** How many principals or pairs one question asks about. */
const CONSIDERED_MAX = 10_000;

/** Who would be allowed or asked. Without `principals`, every user, agent and workload of the snapshot is tried. */
export function whoCan(
  index: PolicyIndex,
  question: Parameters<PolicyEngine["whoCan"]>[0],
): ReturnType<PolicyEngine["whoCan"]> {
  const { principals, ...request } = question;
  return passing(principals ?? principalsOf(request.entities), (principal) => {
    const onBehalfOf = personBehind(request.entities, principal);
    return { principal, verdict: decide(index, { ...request, principal, onBehalfOf }) };
  });
}

/** Which of the given pairs a principal would be allowed, or asked about. */
export function whatCan(
  index: PolicyIndex,
  question: Parameters<PolicyEngine["whatCan"]>[0],
): ReturnType<PolicyEngine["whatCan"]> {
  const { pairs, ...asker } = question;
  return passing(pairs, ({ action, resource, context }) => ({
    action,
    resource,
    verdict: decide(index, { ...asker, action, resource, context }),
  }));
}

function passing<Asked, Answer extends { readonly verdict: Verdict }>(
  asked: Iterable<Asked>,
  ask: (about: Asked) => Answer,
): Answers<Answer> {
  const answers: Answer[] = [];
  let considered = 0;
  for (const about of asked) {
    if (considered === CONSIDERED_MAX) return { answers, considered, complete: false };
    considered += 1;
    const answer = ask(about);
    if (answer.verdict.kind !== "deny") answers.push(answer);
  }
  return { answers, considered, complete: true };
}

type Entities = Parameters<PolicyEngine["whatCan"]>[0]["entities"];
type Name = Parameters<PolicyEngine["whatCan"]>[0]["principal"];

function* principalsOf(entities: Entities): Generator<Name> {
  if (!(entities instanceof Snapshot)) return;
  for (const { uid } of entities.nodes()) if (principalTypes.has(uid.type)) yield uid;
}

function personBehind(entities: Entities, principal: Name): Name | undefined {
  if (!(entities instanceof Snapshot) || principal.type !== "Agent") return undefined;
  const person = entities.node(asUid(principal))?.attrs.fields.get("onBehalfOf");
  return person instanceof Uid ? person : undefined;
}
