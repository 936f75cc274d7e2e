import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { BundleResource } from "@sluice/bundle";
import { type Clock, canonicalJson, ok, type Result } from "@sluice/kernel";
import { errorFields, type Logger } from "@sluice/telemetry";
import type { UpstreamSecrets } from "../protocol.ts";
import type { ReachError, ReachedUpstream } from "./reach.ts";
import { TrustedQueries } from "./trusted-query.ts";

/** All that decides how a connection is opened: one that was opened for other wishes is never given. */
export interface OpeningWish {
  readonly resource: BundleResource;
  readonly secrets: UpstreamSecrets;
  readonly settings: Readonly<Record<string, string>>;
}

/** A session that begins so soon after one like it makes another likely. */
const SOON_MS = 15_000;
/** A connection that nobody took ends then: what the server decides at a login is no older than this for any session. */
const WAITING_MS_MAX = 15_000;
/** Wishes that are remembered, and connections that wait or are being opened, at most. */
const WISHES_MAX = 64;
const WAITING_MAX = 4;
/** What the client that just connected asks first comes first. */
const PAUSE_MS = 3;
/** How long a server takes to end a connection and count one less. */
const SERVER_ENDS_MS = 250;

/** Opens a fresh connection. */
type Open = () => Promise<Result<ReachedUpstream, ReachError>>;

interface Waiting {
  readonly connection: ReachedUpstream;
  readonly queries: TrustedQueries;
}

interface Opening {
  /** undefined when it failed, or was no longer wanted when it was open */
  readonly coming: Promise<Waiting | undefined>;
  waiting: Waiting | undefined;
  /** monotonic */
  readonly sinceMs: number;
}

/**
 * One upstream connection opened ahead of the next session, where sessions like it begin one after another. Nobody used
 * it before, so it is nobody's: it differs from one that is opened for the session only in its age, 15 s at most. It is
 * given for the very same login, password, authority, address and startup settings, and dropped at the first doubt: a
 * message nobody asked for, its end, a new bundle. Only where there is one host of any role: roles change, and a failure
 * to open one more connection than there are sessions must not send sessions elsewhere.
 */
export class OpenedAhead {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #log: Logger;
  readonly #begunMs = new Map<string, number>();
  readonly #openings = new Map<string, Opening>();
  #epoch = 0;
  #closed = false;

  constructor({ clock, log }: { readonly clock: Pick<Clock, "monotonic">; readonly log: Logger }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** connections that wait or are being opened */
  get size(): number {
    return this.#openings.size;
  }

  /** A connection for a session that begins: the one that waits for it, or what `open` gives. */
  async connect(wish: OpeningWish, open: Open): Promise<Result<ReachedUpstream, ReachError>> {
    const { fallbacks, openAhead, targetSession } = wish.resource.upstream;
    if (this.#closed || !openAhead || targetSession !== "any" || fallbacks.length > 0) return open();
    this.sweep();
    const key = keyOf(wish);
    const likely = this.#clock.monotonic() - (this.#begunMs.get(key) ?? Number.NEGATIVE_INFINITY) <= SOON_MS;
    this.#begins(key);
    const waiting = await this.#take(key);
    const reached = waiting ? ok(waiting) : await this.#openNow(open);
    if (likely && reached.ok) setTimeout((epoch) => this.#open(key, open, epoch), PAUSE_MS, this.#epoch).unref();
    return reached;
  }

  /** Ends what waited too long or is gone. */
  sweep(): void {
    const nowMs = this.#clock.monotonic();
    for (const [key, { sinceMs, waiting }] of this.#openings) {
      if (!waiting || (waiting.queries.alive && nowMs - sinceMs < WAITING_MS_MAX)) continue;
      this.#openings.delete(key);
      waiting.queries.close();
    }
  }

  /** Ends everything that waits, and what is being opened once it is open. */
  clear(): void {
    this.#epoch++;
    this.#begunMs.clear();
    for (const { waiting } of this.#openings.values()) waiting?.queries.close();
    this.#openings.clear();
  }

  /** Ends everything that waits, for good. */
  close(): void {
    this.#closed = true;
    this.clear();
  }

  /** The server may be full because of what waits here for others. */
  async #openNow(open: Open): Promise<Result<ReachedUpstream, ReachError>> {
    const reached = await open();
    if (reached.ok || this.#openings.size === 0) return reached;
    this.clear();
    await sleep(SERVER_ENDS_MS);
    return open();
  }

  #begins(key: string): void {
    this.#begunMs.delete(key);
    const [oldest] = this.#begunMs.size >= WISHES_MAX ? this.#begunMs.keys() : [];
    if (oldest !== undefined) this.#begunMs.delete(oldest);
    this.#begunMs.set(key, this.#clock.monotonic());
  }

  async #take(key: string): Promise<ReachedUpstream | undefined> {
    const opening = this.#openings.get(key);
    if (!opening) return undefined;
    this.#openings.delete(key); // nobody else's from now on
    const waiting = await opening.coming;
    if (!waiting) return undefined;
    const { connection, queries } = waiting;
    if (queries.alive && connection.reader.idle) return connection;
    queries.close();
    return undefined;
  }

  #open(key: string, open: Open, epoch: number): void {
    if (this.#closed || epoch !== this.#epoch || this.#openings.has(key) || this.#openings.size >= WAITING_MAX) return;
    const opening: Opening = {
      coming: this.#opened(open, epoch),
      waiting: undefined,
      sinceMs: this.#clock.monotonic(),
    };
    this.#openings.set(key, opening);
    void opening.coming.then((waiting) => {
      opening.waiting = waiting;
      if (waiting || this.#openings.get(key) !== opening) return;
      this.#openings.delete(key);
      this.#begunMs.delete(key); // not tried again at once
    });
  }

  /** Never rejects. */
  async #opened(open: Open, epoch: number): Promise<Waiting | undefined> {
    try {
      const reached = await open();
      if (!reached.ok) return undefined; // said where it was tried; the next session tries for itself
      const queries = new TrustedQueries(reached.value);
      if (epoch === this.#epoch) return { connection: reached.value, queries };
      queries.close();
    } catch (cause) {
      this.#log.error({ ...errorFields(cause) }, "ahead.bug");
    }
    return undefined;
  }
}

/** Without the password itself: a key may be looked at. */
function keyOf({ resource, secrets, settings }: OpeningWish): string {
  const { ca, password, user } = secrets;
  const proof = createHash("sha256")
    .update(canonicalJson([user, password.reveal(), ca ?? null]))
    .digest("base64");
  return canonicalJson([resource.id, resource.upstream, proof, settings]);
}
