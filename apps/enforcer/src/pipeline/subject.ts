import type { ApprovalSubject } from "@sluice/ledger";
import type { SiteState } from "../control/site.ts";
import type { SqlSessionSettings } from "../languages/facts.ts";
import { principalsOf } from "./draft.ts";
import type { Judged } from "./records.ts";
import type { SessionOwner } from "./session-parts.ts";

const APPROVAL_TIMEOUT_MS = 300_000;

/** What approvers are shown and the approval is bound to: who, where, the exact text and parameters, and what it does. */
export function subjectOf(
  { identity, resource, sessionId }: SessionOwner,
  judged: Judged,
  parameters: ApprovalSubject["parameters"],
  settings: SqlSessionSettings,
): ApprovalSubject {
  const { bundleVersion, judgement, part } = judged;
  return {
    resource: { id: resource.id, name: resource.name },
    principals: principalsOf(identity),
    statement: judgement.text,
    parameters,
    actions: part.decisions.map(({ action, resource: on }) => ({ action, resource: `${on.type}::"${on.id}"` })),
    ...(part.facts ? { facts: part.facts } : {}),
    sessionId,
    bundleVersion,
    settings: { role: settings.role, search_path: settings.searchPath, client_encoding: settings.clientEncoding },
  };
}

/** How long to wait for an answer: the longest of the workflows asked. */
export function approvalTimeoutMs(site: SiteState, workflows: readonly string[]): number {
  const state = site.current();
  if (!state.ok) return APPROVAL_TIMEOUT_MS;
  const known = state.bundle.content.workflows.filter(({ name }) => workflows.includes(name));
  return known.length === 0 ? APPROVAL_TIMEOUT_MS : Math.max(...known.map(({ timeoutMs }) => timeoutMs));
}
