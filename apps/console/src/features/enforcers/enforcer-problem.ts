import { type RefusalFacts, refusedBundle } from "./refused-bundle.ts";

/** Heartbeats come every few seconds; without one for this long an enforcer counts as gone. */
export const SILENT_AFTER_MS = 60_000;
/** A new bundle is normal for a moment. */
const SETTLES_WITHIN_MS = 10_000;

/** docs/ledger-format.md says more. */
const RECORDS_NEXT_STEP =
  "They wait in its spool; when that is full it refuses new work. If it stays so, keep a copy of its state directory as evidence, enrol a new enforcer in its place and ban this one.";

/** What is known of an enforcer that may be a problem. */
export interface EnforcerFacts extends RefusalFacts {
  readonly status: string;
  readonly desiredVersion: number | null;
  readonly appliedVersion: number | null;
  readonly appliedAt: Date | null;
  readonly stoppedReason: string | null;
  readonly recordsRefusedReason: string | null;
  readonly lastSeenAt: Date | null;
  readonly certificateEndsAt: Date | null;
}

/** What is wrong with an enforcer and what to do, in one sentence; null when it applies what it should. */
export function enforcerProblem(enforcer: EnforcerFacts, nowMs: number): string | null {
  switch (enforcer.status) {
    case "pending":
      return "It has not enrolled yet: start it with its one-time token.";
    case "banned":
      return "It is banned and enforces nothing: enrol a new one in its place.";
    case "offline":
      return "It is not connected: it enforces its last bundle until its lease ends, then refuses new work. Check its log and network.";
    default:
      return onlineProblem(enforcer, nowMs);
  }
}

function onlineProblem(enforcer: EnforcerFacts, nowMs: number): string | null {
  const { desiredVersion, appliedVersion, recordsRefusedReason, stoppedReason } = enforcer;
  const { lastSeenAt, certificateEndsAt, appliedAt } = enforcer;
  if (stoppedReason !== null) return `It refuses new work: ${stoppedReason}`;
  const refused = refusedBundle(enforcer);
  if (refused) {
    const kept =
      appliedVersion === null
        ? "It has no other and refuses all work."
        : `It goes on with bundle ${appliedVersion}, the last good one.`;
    return `${refused.reason.replace(/\.?$/, ".")} ${kept} ${refused.nextStep}`;
  }
  if (recordsRefusedReason !== null) return `${recordsRefusedReason} ${RECORDS_NEXT_STEP}`;
  if (lastSeenAt && nowMs - lastSeenAt.getTime() > SILENT_AFTER_MS) {
    return "It is connected but has not been heard from for a minute: check its log.";
  }
  if (certificateEndsAt && certificateEndsAt.getTime() < nowMs) {
    return "Its certificate has ended: it must renew or enrol again.";
  }
  if (desiredVersion === null || appliedVersion === desiredVersion) return null;
  if (appliedVersion === null) return `It has not applied bundle ${desiredVersion} yet.`;
  const waited = appliedAt ? nowMs - appliedAt.getTime() : Number.POSITIVE_INFINITY;
  if (waited < SETTLES_WITHIN_MS) return null;
  return `It applies bundle ${appliedVersion} while ${desiredVersion} is wanted.`;
}
