import { coveringGrant, type DecisionRequest, entityUid, type Grant, grantsOf, value } from "@sluice/policy-engine";
import type { LoadedBundle } from "../control/site.ts";
import type { ClientFacts } from "../protocols/protocol.ts";
import { commonFields, withGrant } from "./context.ts";
import { UNDERSTOOD } from "./decision.ts";

const OPEN = entityUid("Action", "session.open");

/** The question whether a session may be opened on a resource, and the grant that it is put with. */
export function openRequest(
  { entities }: Pick<LoadedBundle, "entities">,
  who: Pick<DecisionRequest, "principal" | "onBehalfOf" | "resource">,
  client: ClientFacts,
  nowMs: number,
): { readonly request: DecisionRequest; readonly grant: Grant | undefined } {
  const { onBehalfOf, principal, resource } = who;
  const times = { fromMs: nowMs, untilMs: nowMs + 1 };
  const grant = coveringGrant(grantsOf(entities, onBehalfOf ?? principal), {
    action: OPEN,
    resource,
    entities,
    ...times,
  });
  const context = value.record(withGrant(commonFields(nowMs, client, undefined), grant));
  return { request: { ...who, action: OPEN, context, entities, understands: UNDERSTOOD }, grant };
}
