import type { Catalogue } from "../languages/facts.ts";
import type { Decision } from "../pipeline/decision.ts";
import type { ShadowSample, ShadowSession } from "../pipeline/shadow-tap.ts";
import { answerOf } from "./candidate.ts";
import type { Answer, CatalogueMessage, ShownExchange, ShownSession } from "./messages.ts";

/** An exchange as the candidate gets it: facts, who, when, and what was answered. Nothing of the statement's text. */
export function shownExchange(id: string, { input, decision }: ShadowSample, catalogue: number): ShownExchange {
  const { identity, client, statements, inTransaction, nowMs, approval, resource } = input;
  return {
    kind: "exchange",
    id,
    resourceId: resource.id,
    catalogue,
    principal: identity.principal.uid,
    onBehalfOf: identity.onBehalfOf?.uid,
    client,
    statements,
    inTransaction,
    nowMs,
    approval,
    was: answered(decision),
  };
}

/** The opening of a session, likewise. */
export function shownSession(id: string, { request, client, nowMs, verdict }: ShadowSession): ShownSession {
  const { principal, onBehalfOf, resource } = request;
  const was = answerOf(resource, verdict);
  return { kind: "session", id, principal, onBehalfOf, resource: resource.id, client, nowMs, was };
}

function answered({ kind, decisions, obligations, workflows }: Decision): Answer {
  const pairs = decisions.map(({ action, resource, verdict, policies }) => ({ action, resource, verdict, policies }));
  return { kind, decisions: pairs, obligations, workflows };
}

/** What policies can see of a catalogue, as it is sent: once per catalogue. */
export function catalogueMessage(key: number, catalogue: Catalogue): CatalogueMessage {
  const relations = catalogue.relations.flatMap(({ schema, name, kind }) => [schema, name, kind]);
  const functions = [...catalogue.functionsByName.values()].flatMap((overloads) => {
    const worst = overloads.find(({ volatility }) => volatility === "volatile") ?? overloads[0];
    return worst ? [worst.schema, worst.name, worst.volatility] : [];
  });
  return { kind: "catalogue", key, schemas: catalogue.schemas, relations, functions };
}
