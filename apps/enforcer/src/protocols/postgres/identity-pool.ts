import type { BundleResource, IdentityPoolOptions } from "@sluice/bundle";
import { type Clock, canonicalJson } from "@sluice/kernel";
import { errorFields, type Logger } from "@sluice/telemetry";
import type { ClientIdentity, NamedPrincipal } from "../../identity/identity.ts";
import type { SessionEnd } from "../protocol.ts";
import type { ReachedUpstream } from "./reach.ts";
import { resetSession } from "./reset-session.ts";
import { TrustedQueries } from "./trusted-query.ts";

/** Whose a connection is and how it was opened: another session may use it only if all of this is the same. */
export interface PoolOwner {
  readonly identity: ClientIdentity;
  readonly resource: BundleResource;
  /** the login at the upstream */
  readonly user: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** What a pool needs of its listener. */
export interface PoolParts {
  readonly clock: Pick<Clock, "now" | "monotonic">;
  readonly log: Logger;
  /** Calls back when the identity may no longer work here; returns how to stop. */
  watch(identity: ClientIdentity, end: (end: SessionEnd) => void): () => void;
}

/** What a connection has lived through; kept while it is in use as well. */
interface Life {
  readonly openedMs: number;
  /** what the server said of itself and the session when it was opened */
  readonly parameters: string;
  /** what was in force: a connection outlives no change */
  readonly epoch: number;
  uses: number;
}

interface Entry {
  readonly key: string;
  readonly connection: ReachedUpstream;
  readonly queries: TrustedQueries;
  readonly life: Life;
  /** monotonic */
  readonly endsMs: number;
  /** reset and verified */
  ready: boolean;
  unwatch: () => void;
}

/**
 * Idle upstream connections, each for further sessions of the one identity (with the person that an agent acts for),
 * login, database and startup settings that it was opened for. A connection comes back only from a session that ended in
 * a known state, is reset and looked at before it waits, and is dropped at the first doubt: a message nobody asked for, a
 * state that is not that of a new session, the end or the revocation of its identity, a new bundle.
 */
export class IdentityPool {
  readonly #parts: PoolParts;
  readonly #lives = new WeakMap<ReachedUpstream, Life>();
  readonly #entries = new Set<Entry>();
  #epoch = 0;

  constructor(parts: PoolParts) {
    this.#parts = parts;
  }

  /** connections that wait or are being reset */
  get size(): number {
    return this.#entries.size;
  }

  /** Takes note of a fresh connection, before a session uses it. */
  opened(connection: ReachedUpstream): void {
    const { clock } = this.#parts;
    const parameters = parametersOf(connection);
    this.#lives.set(connection, { openedMs: clock.monotonic(), parameters, epoch: this.#epoch, uses: 1 });
  }

  /** A connection in the state of a new one, or undefined. The newest first, so that the others may go. */
  take(owner: PoolOwner): ReachedUpstream | undefined {
    if (!owner.resource.upstream.pool.enabled) return undefined;
    this.sweep();
    const key = keyOf(owner);
    const entry = [...this.#entries].findLast((each) => each.ready && each.key === key);
    if (!entry) return undefined;
    this.#forget(entry);
    entry.life.uses++;
    return entry.connection;
  }

  /** Takes a connection back from a session that ended in a known state: it serves again, or ends. */
  give(owner: PoolOwner, connection: ReachedUpstream): void {
    const queries = new TrustedQueries(connection);
    const life = this.#lives.get(connection);
    const { pool } = owner.resource.upstream;
    const key = keyOf(owner);
    const endsMs = life && this.#endOf(life, owner.identity, pool);
    if (!life || endsMs === undefined || !this.#hasRoom(key, pool)) return queries.close();
    const entry: Entry = { key, connection, queries, life, endsMs, ready: false, unwatch: () => undefined };
    this.#entries.add(entry);
    entry.unwatch = this.#parts.watch(owner.identity, () => this.#drop(entry));
    resetSession(queries).then(
      (problem) => this.#resetDone(entry, problem),
      (cause: unknown) => {
        this.#parts.log.debug({ ...errorFields(cause) }, "pool.reset_failed");
        this.#drop(entry);
      },
    );
  }

  /** Ends what is over. */
  sweep(): void {
    const nowMs = this.#parts.clock.monotonic();
    for (const entry of this.#entries) if (!entry.queries.alive || entry.endsMs <= nowMs) this.#drop(entry);
  }

  /** Ends everything that waits, and does not take back what is in use. */
  clear(): void {
    this.#epoch++;
    for (const entry of this.#entries) this.#drop(entry);
  }

  #resetDone(entry: Entry, problem: string | undefined): void {
    if (!this.#entries.has(entry)) return;
    const changed = parametersOf(entry.connection) !== entry.life.parameters;
    const reason = problem ?? (changed ? "the server reports other parameters than when it was opened" : undefined);
    if (reason === undefined && entry.queries.alive) {
      entry.ready = true;
      return;
    }
    if (reason !== undefined) this.#parts.log.warn({ reason }, "pool.not_reset");
    this.#drop(entry);
  }

  /** When it must be gone, on the monotonic clock; undefined when that is now. */
  #endOf(life: Life, identity: ClientIdentity, pool: IdentityPoolOptions): number | undefined {
    if (!pool.enabled || life.epoch !== this.#epoch || life.uses >= pool.usesMax) return undefined;
    const { clock } = this.#parts;
    const nowMs = clock.monotonic();
    const left = [pool.idleMs, life.openedMs + pool.ageMs - nowMs, identity.expiresAtMs - clock.now()];
    const leftMs = Math.min(...left);
    return leftMs > 0 ? nowMs + leftMs : undefined;
  }

  #hasRoom(key: string, { idleMax, idlePerIdentityMax }: IdentityPoolOptions): boolean {
    if (this.#entries.size >= idleMax) return false;
    let own = 0;
    for (const entry of this.#entries) if (entry.key === key) own++;
    return own < idlePerIdentityMax;
  }

  #drop(entry: Entry): void {
    this.#forget(entry);
    entry.queries.close();
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry);
    entry.unwatch();
  }
}

function keyOf({ identity, resource, settings, user }: PoolOwner): string {
  const { database, targetSession } = resource.upstream;
  const chain = [identity.principal, identity.onBehalfOf].map((each) => each && uidOf(each));
  return canonicalJson([resource.id, chain.map((each) => each ?? null), user, database, targetSession, settings]);
}

function uidOf({ uid }: NamedPrincipal): string[] {
  return [uid.type, uid.id];
}

function parametersOf({ parameters }: ReachedUpstream): string {
  return canonicalJson(Object.fromEntries(parameters));
}
