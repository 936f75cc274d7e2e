import type { Grant } from "@sluice/policy-engine";
import type { SiteState } from "../control/site.ts";
import type { SessionEnd } from "../protocols/protocol.ts";

/** Timers hold no longer than this; a longer wait is taken up again. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The grant that covers a session's opening at a time. */
interface Covered {
  readonly grant: Grant | undefined;
  readonly nowMs: number;
}

/**
 * A session that was opened while a grant covered it is asked about again when that grant ends, when it is revoked and with
 * each new bundle; what policy no longer lets open ends. A session that no grant covered is not watched here.
 * Returns how to stop.
 */
export function watchGrant(
  site: Pick<SiteState, "onChange">,
  opened: Covered,
  end: (reason: SessionEnd) => void,
  askAgain: () => Covered & { readonly allowed: boolean },
): () => void {
  if (opened.grant === undefined) return () => undefined;
  let timer: NodeJS.Timeout | undefined;
  const check = () => {
    clearTimeout(timer);
    const { allowed, ...covered } = askAgain();
    if (allowed) wait(covered);
    else end({ kind: "revoked", reason: "the grant that it was opened with has ended" });
  };
  // allowed without any grant: then none is needed any more, until a bundle says otherwise
  const wait = ({ grant, nowMs }: Covered) => {
    if (grant) timer = setTimeout(check, Math.min(Math.max(grant.endsAtMs - nowMs, 0), TIMER_MS_MAX)).unref();
  };
  const off = site.onChange(check);
  wait(opened);
  return () => {
    off();
    clearTimeout(timer);
  };
}
