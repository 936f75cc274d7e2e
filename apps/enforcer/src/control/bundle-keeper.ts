import { type BundleRefusal, type VerifiedBundle, verifyBundle } from "@sluice/bundle";
import { type Clock, err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { logger } from "@sluice/telemetry";
import type { BundleStore } from "./bundle-store.ts";
import type { Enrolment } from "./enrolment.ts";
import { type LoadRefusal, loadBundle } from "./load-bundle.ts";
import type { LoadedBundle } from "./site.ts";
import type { MovableSite } from "./site-state.ts";

const log = logger("enforcer.control");

/** Why a bundle was not applied; the last good one stays in force. */
export type ApplyRefusal = BundleRefusal | LoadRefusal | TaggedError<"bundle.not_stored">;

/** What the console is told of an applied bundle. */
export interface AppliedBundle {
  readonly version: number;
  readonly digest: string;
}

/** Verifies, loads, stores and puts into force; in that order, so that what is in force is always on disk. */
export interface BundleKeeper {
  /** At start: the last good bundle, checked like a new one, its lease apart (that is checked at each use). */
  restore(): void;
  apply(envelope: Uint8Array): Result<AppliedBundle, ApplyRefusal>;
  applied(): AppliedBundle | undefined;
  /** A ban: forgets everything but the version floor, ends every session. */
  ban(reason: string): void;
}

/** What a keeper works with. */
export interface BundleKeeperOptions {
  readonly enrolment: Enrolment;
  readonly store: BundleStore;
  readonly site: MovableSite;
  readonly clock: Clock;
}

/** The keeper of one enforcer's bundle. */
export function createBundleKeeper(options: BundleKeeperOptions): BundleKeeper {
  const { enrolment, store, site, clock } = options;

  function verify(envelope: Uint8Array, nowMs: number): Result<VerifiedBundle, BundleRefusal> {
    const floor = store.floor();
    const floorDigest = floor.digest === "" ? undefined : floor.digest;
    return verifyBundle(envelope, { ...enrolment, versionFloor: floor.version, floorDigest, nowMs });
  }

  /** What trips this code is refused like what it refuses: the last good bundle stays, and the console is told. */
  function read(envelope: Uint8Array, nowMs: number): Result<LoadedBundle, BundleRefusal | LoadRefusal> {
    try {
      const verified = verify(envelope, nowMs);
      if (!verified.ok) return verified;
      const current = site.current();
      // what is in force already is not loaded twice
      if (current.ok && current.bundle.digest === verified.value.digest) return ok(current.bundle);
      return loadBundle(verified.value);
    } catch (error) {
      log.error({ err: error }, "bundle.not_readable");
      const text = "The bundle cannot be read by this version of the enforcer, which logged the cause.";
      return err(taggedError("bundle.bad_format", text, { retry: "after-change" }));
    }
  }

  function restore(): void {
    const envelope = store.envelope();
    if (envelope === undefined) return;
    const loaded = read(envelope, 0);
    if (!loaded.ok) {
      log.error({ code: loaded.error.code, reason: loaded.error.internal }, "bundle.stored_one_refused");
      return site.withdraw(`The stored policy bundle is refused: ${loaded.error.public}`);
    }
    site.swap(loaded.value);
    const { version, expiresAtMs } = loaded.value.content;
    log.info({ version, digest: loaded.value.digest, leaseMs: expiresAtMs - clock.now() }, "bundle.restored");
  }

  function apply(envelope: Uint8Array): Result<AppliedBundle, ApplyRefusal> {
    const startMs = clock.monotonic();
    const loaded = read(envelope, clock.now());
    if (!loaded.ok) return loaded;
    const { content, digest } = loaded.value;
    const { version } = content;
    const current = site.current();
    if (current.ok && current.bundle.digest === digest) return ok({ version, digest });
    try {
      store.save(envelope, { version, digest });
    } catch (error) {
      log.error({ err: error }, "bundle.store_failed");
      return err(taggedError("bundle.not_stored", "The bundle could not be written to the enforcer's disk."));
    }
    site.swap(loaded.value);
    log.info({ version, digest, tookMs: Math.round(clock.monotonic() - startMs) }, "bundle.applied");
    return ok({ version, digest });
  }

  return {
    restore,
    apply,
    applied: () => {
      const bundle = site.loaded();
      return bundle === undefined ? undefined : { version: bundle.content.version, digest: bundle.digest };
    },
    ban: (reason) => {
      site.withdraw(`This enforcer was banned: ${reason}`);
      store.wipe();
    },
  };
}
