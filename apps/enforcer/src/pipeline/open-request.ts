import { type DecisionRequest, entityUid, value } from "@sluice/policy-engine";
import type { LoadedBundle } from "../control/site.ts";
import type { ClientFacts } from "../protocols/protocol.ts";
import { commonFields } from "./context.ts";
import { UNDERSTOOD } from "./decide.ts";

/** The question whether a session may be opened on a resource. */
export function openRequest(
  bundle: Pick<LoadedBundle, "entities">,
  who: Pick<DecisionRequest, "principal" | "onBehalfOf" | "resource">,
  client: ClientFacts,
  nowMs: number,
): DecisionRequest {
  return {
    ...who,
    action: entityUid("Action", "session.open"),
    context: value.record(commonFields(nowMs, client, undefined)),
    entities: bundle.entities,
    understands: UNDERSTOOD,
  };
}
