import { type Clock, err, newId, ok, type Result } from "@sluice/kernel";
import { entityUid } from "@sluice/policy-engine";
import type { LoadedBundle, SessionRevocation, SiteState } from "../control/site.ts";
import type { ClientIdentity } from "../identity/identity.ts";
import type { ClientFacts, Denial, SessionEnd, SessionGate } from "../protocols/protocol.ts";
import { sessionPart } from "./draft.ts";
import { refusedOutcome } from "./judgement.ts";
import { openRequest } from "./open-request.ts";
import { rateDenial } from "./rate-denial.ts";
import { SessionPipeline } from "./run.ts";
import type { PipelineParts } from "./session-parts.ts";
import { watchGrant } from "./watch-grant.ts";

/** Decides `session.open`, records it, and keeps the session only as long as its proof and its resource last. */
export function openSession(
  parts: PipelineParts,
  identity: ClientIdentity,
  client: ClientFacts,
  end: (reason: SessionEnd) => void,
): Result<SessionGate, Denial> {
  const { clock, recorder, resourceId, site } = parts;
  const state = site.current();
  if (!state.ok) return err({ kind: "unavailable", policyId: "site", reason: state.reason });
  const resource = site.resource(resourceId);
  if (!resource) return err({ kind: "unavailable", policyId: "site", reason: "this resource is not part of the site" });
  const sessionId = newId(clock.now());
  const decided = decideOpen(state.bundle, resource.name, identity, client, clock);
  const { decision, rate } = decided;
  const denial = decided.denial ?? (rate === undefined ? undefined : rateDenial(parts.rates, identity, rate));
  const draft = {
    kind: "session" as const,
    id: newId(clock.now()),
    atMs: clock.now(),
    ...sessionPart(sessionId, identity, client, resource),
    verdict: denial ? ("deny" as const) : ("allow" as const),
    ...(denial ? { reason: `${denial.policyId}: ${denial.reason}`, outcome: refusedOutcome(denial.reason, 0) } : {}),
    decisions: [decision],
    bundleVersion: state.bundle.content.version,
  };
  const begun = recorder.begin(draft);
  if (!begun.ok) return err({ kind: "recorder", policyId: "recorder", reason: begun.error.public });
  parts.shadow?.session(begun.value.id, { bundle: state.bundle, client, ...decided });
  if (denial) return err(denial);
  const startedMs = clock.monotonic();
  const offGrant = watchGrant(site, decided, end, () => askedAgain(parts, resource.name, identity, client));
  const offIdentity = watchIdentity(site, resourceId, identity, end, sessionId);
  const pipeline = new SessionPipeline(parts, { sessionId, identity, client, resource }, (reason) => {
    offGrant();
    offIdentity();
    const durationUs = Math.round((clock.monotonic() - startedMs) * 1000);
    const outcome = { status: "ok" as const, rows: 0, bytes: 0, maskedCells: {}, durationUs, decideUs: 0 };
    recorder.finish(begun.value, { verdict: "allow", reason: reason.slice(0, 500), outcome });
  });
  return ok(pipeline);
}

function decideOpen(
  bundle: LoadedBundle,
  resourceName: string,
  identity: ClientIdentity,
  client: ClientFacts,
  clock: Clock,
) {
  const resource = entityUid("Database", resourceName);
  const nowMs = clock.now();
  const { grant, request } = openRequest(
    bundle,
    { principal: identity.principal.uid, onBehalfOf: identity.onBehalfOf?.uid, resource },
    client,
    nowMs,
  );
  const verdict = bundle.engine.decide(request);
  const made = { request, nowMs, verdict, grant };
  const decision = {
    action: "session.open",
    resource: { type: resource.type, id: resource.id },
    verdict: verdict.kind,
    policies: [...verdict.determining],
    ...(grant ? { given: { grant: grant.uid.id } } : {}),
  };
  if (verdict.kind === "allow")
    return { ...made, decision, denial: undefined, rate: verdict.obligations.ratePerMinuteMax };
  const denial: Denial = {
    kind: "policy",
    policyId: verdict.determining[0] ?? "default-deny",
    reason:
      verdict.kind === "ask"
        ? `opening a session on ${resourceName} needs approval, which can only be asked for as a grant`
        : `${identity.principal.name} may not open a session on ${resourceName}`,
    hint: verdict.kind === "deny" ? (verdict.advice ?? "an access policy or a grant for this database") : undefined,
  };
  return { ...made, decision, denial, rate: undefined };
}

/** Whether policy lets this session be opened now, and with which grant. */
function askedAgain(
  { clock, site }: PipelineParts,
  resourceName: string,
  identity: ClientIdentity,
  client: ClientFacts,
): ReturnType<Parameters<typeof watchGrant>[3]> {
  const state = site.current();
  if (!state.ok) return { allowed: false, grant: undefined, nowMs: clock.now() };
  const { grant, nowMs, verdict } = decideOpen(state.bundle, resourceName, identity, client, clock);
  return { allowed: verdict.kind === "allow", grant, nowMs };
}

/** Calls `end` when the token, a principal of the chain, the resource, or the session (if one is named) is gone. */
export function watchIdentity(
  site: SiteState,
  resourceId: string,
  identity: ClientIdentity,
  end: (reason: SessionEnd) => void,
  sessionId?: string,
): () => void {
  const chain = [identity.principal, ...(identity.onBehalfOf ? [identity.onBehalfOf] : [])];
  const names = new Set(
    chain.flatMap(({ uid }) => [`${uid.type}::${JSON.stringify(uid.id)}`, `${uid.type}:${uid.id}`]),
  );
  const matches = ({ kind, value: named }: SessionRevocation): boolean => {
    if (kind === "all") return true;
    if (kind === "token") return named === identity.tokenId;
    if (kind === "session") return named === sessionId;
    return kind === "principal" && names.has(named);
  };
  const offRevocation = site.onRevocation((revocation) => {
    if (matches(revocation)) end({ kind: "revoked", reason: `the session was ended: ${revocation.reason}` });
  });
  const offChange = site.onChange(({ content }) => {
    if (content.revokedTokens.includes(identity.tokenId))
      end({ kind: "revoked", reason: "the access token was revoked" });
    else if (content.lockedPrincipals.some((name) => names.has(name)))
      end({ kind: "revoked", reason: "the principal was locked" });
    else if (!content.resources.some(({ id }) => id === resourceId))
      end({ kind: "resource_gone", reason: "the resource was removed from this site" });
  });
  return () => {
    offRevocation();
    offChange();
  };
}
