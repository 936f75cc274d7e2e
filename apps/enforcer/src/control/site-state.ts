import type { BundleResource } from "@sluice/bundle";
import type { Clock } from "@sluice/kernel";
import { entityUid } from "@sluice/policy-engine";
import { logger } from "@sluice/telemetry";
import { freshRevocations } from "./fresh-revocations.ts";
import type { LoadedBundle, SessionRevocation, SiteState } from "./site.ts";

const log = logger("enforcer.control");

type Current = ReturnType<SiteState["current"]>;

/** The site's state with the strings that move it; the data plane sees only `SiteState`. */
export interface MovableSite extends SiteState {
  /** the bundle in force or, with its lease ended, the last one */
  loaded(): LoadedBundle | undefined;
  swap(bundle: LoadedBundle): void;
  /** whether a token (jti) or principal (`Type::"id"`) was revoked since the bundle in force was built */
  isRevoked(kind: "token" | "principal", value: string): boolean;
  /** how far the control plane's clock is ahead of ours; bundles carry its time */
  setClockOffset(ms: number): void;
  revoke(revocation: SessionRevocation): void;
  /** no bundle from now on, every session ends; until a new bundle is applied */
  withdraw(reason: string): void;
}

/** A site without a bundle yet. */
export function createSite(clock: Clock): MovableSite {
  const changed = new Set<(bundle: LoadedBundle) => void>();
  const revoked = new Set<(revocation: SessionRevocation) => void>();
  let current: Current = { ok: false, reason: "This enforcer has no policy bundle yet." };
  let bundle: LoadedBundle | undefined;
  let endsAtMs = Number.POSITIVE_INFINITY;
  let clockOffsetMs = 0;
  const fresh = freshRevocations();

  function use(next: LoadedBundle): void {
    bundle = next;
    current = { ok: true, bundle: next };
    publish(changed, next);
  }

  return {
    current: () => (clock.now() < endsAtMs ? current : leaseEnded(endsAtMs)),
    resource: (id) => bundle?.content.resources.find((resource: BundleResource) => resource.id === id),
    onChange: (listener) => subscribe(changed, listener),
    onRevocation: (listener) => subscribe(revoked, listener),
    loaded: () => bundle,
    swap: (next) => {
      endsAtMs = next.content.expiresAtMs;
      fresh.forgetBefore(next.content.builtAtMs);
      use(withoutGrants(next, fresh.grants()));
    },
    isRevoked: (kind, value) => fresh.has(kind, value),
    setClockOffset: (ms) => {
      clockOffsetMs = ms;
    },
    revoke: (revocation) => {
      fresh.add(revocation, clock.now() + clockOffsetMs);
      const left = bundle && withoutGrants(bundle, fresh.grants());
      if (left && left !== bundle) use(left);
      publish(revoked, revocation);
    },
    withdraw: (reason) => {
      bundle = undefined;
      current = { ok: false, reason };
      endsAtMs = Number.POSITIVE_INFINITY;
      publish(revoked, { kind: "all", value: "", reason });
    },
  };
}

/** The bundle as it is once these grants are revoked; itself when it holds none of them. */
function withoutGrants(bundle: LoadedBundle, ids: readonly string[]): LoadedBundle {
  const gone = ids.map((id) => entityUid("Grant", id)).filter((uid) => bundle.entities.has(uid));
  if (gone.length === 0) return bundle;
  return { ...bundle, entities: bundle.entities.with([], gone), amended: true };
}

function leaseEnded(endsAtMs: number): Current {
  const at = new Date(endsAtMs).toISOString();
  return { ok: false, reason: `The policy bundle's lease ended at ${at} and the control plane has not renewed it.` };
}

function subscribe<T>(listeners: Set<(value: T) => void>, listener: (value: T) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

// One listener's bug must not keep a revocation from the others.
function publish<T>(listeners: Set<(value: T) => void>, value: T): void {
  for (const listener of listeners) {
    try {
      listener(value);
    } catch (error) {
      log.error({ err: error }, "site.listener_failed");
    }
  }
}
