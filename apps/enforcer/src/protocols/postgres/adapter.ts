import type { Socket } from "node:net";
import type { BundleResource } from "@sluice/bundle";
import { err, ok, type Result, taggedError } from "@sluice/kernel";
import { errorFields, type Logger, logger } from "@sluice/telemetry";
import { nameOf } from "../../upstream/hosts.ts";
import { SocketStream } from "../byte-stream.ts";
import type { AdapterParts, HandshakeError, ProtocolAdapter, SessionEnd } from "../protocol.ts";
import { CancelKeys } from "./cancel-keys.ts";
import { cancelRequest, terminate } from "./codec/encode.ts";
import { handshake } from "./handshake.ts";
import { IdentityPool, type PoolOwner } from "./identity-pool.ts";
import { OpenedAhead } from "./opened-ahead.ts";
import { type Preface, readPreface } from "./preface.ts";
import { dialAgain, type ReachedUpstream } from "./reach.ts";
import { fatalFrame, SQLSTATE } from "./refuse.ts";
import type { PostgresSession } from "./session.ts";

const CANCEL_TIMEOUT_MS = 5_000;
const SWEEP_MS = 1_000;
/** While closing, sessions that become idle outside of a transaction end this soon. */
const DRAIN_CHECK_MS = 50;
/** Sockets beyond the sessions that may be in their handshake, so that a full resource can still say so. */
const HANDSHAKES_MAX = 256;

/** What became of a CancelRequest. */
export type CancelOutcome = "taken" | "unsent" | "unsure";

/** The PostgreSQL adapter of one listener. */
export class PostgresAdapter implements ProtocolAdapter {
  readonly kind = "postgres";
  readonly parts: AdapterParts;
  readonly log: Logger = logger("enforcer.postgres");
  readonly keys = new CancelKeys();
  readonly pool: IdentityPool;
  readonly ahead: OpenedAhead;
  readonly #sessions = new Set<PostgresSession>();
  readonly #sweep: NodeJS.Timeout;
  readonly #offBundle: () => void;
  #handshakes = 0;
  /** why no session may begin any more */
  ending: SessionEnd | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(parts: AdapterParts) {
    this.parts = parts;
    const { clock, services } = parts;
    this.pool = new IdentityPool({ clock, log: this.log, watch: (identity, end) => services.watch(identity, end) });
    this.ahead = new OpenedAhead({ clock, log: this.log });
    // rights, the login or the hosts may be others now
    this.#offBundle = services.onBundle(() => {
      this.pool.clear();
      this.ahead.clear();
    });
    this.#sweep = setInterval(() => {
      this.pool.sweep();
      this.ahead.sweep();
      this.#closeIdle();
    }, SWEEP_MS).unref();
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  async serve(client: Socket): Promise<void> {
    client.on("error", () => client.destroy());
    const resource = this.parts.services.resource();
    if (!resource || this.ending) return void client.destroy();
    if (this.#handshakes >= HANDSHAKES_MAX) {
      this.log.warn({ ip: client.remoteAddress, handshakesMax: HANDSHAKES_MAX }, "handshake.too_many");
      return void client.destroy();
    }
    this.#handshakes++;
    const timer = setTimeout(() => {
      this.log.warn({ ip: client.remoteAddress, timeoutMs: resource.limits.handshakeTimeoutMs }, "handshake.timeout");
      client.destroy();
    }, resource.limits.handshakeTimeoutMs);
    try {
      // the upstream has bounds of its own: several hosts may have to be tried
      const opened = await this.#open(client, resource, () => clearTimeout(timer));
      if (!opened.ok && opened.error.code !== "handshake.closed")
        this.log.warn(
          { code: opened.error.code, reason: opened.error.internal, ip: client.remoteAddress },
          "handshake.refused",
        );
    } catch (cause) {
      this.log.error({ ...errorFields(cause) }, "handshake.bug");
      client.destroy();
    } finally {
      clearTimeout(timer);
      this.#handshakes--;
    }
  }

  /** Takes a connection back from an ended session for its identity's next one, where the resource says so. */
  giveBack(owner: PoolOwner, upstream: ReachedUpstream): void {
    if (this.ending) upstream.stream.end(terminate());
    else this.pool.give(owner, upstream);
  }

  /** Whether one more session may start. */
  hasRoom(resource: BundleResource): boolean {
    return this.#sessions.size < resource.limits.sessionsMax;
  }

  /** Keeps a session until it ends. */
  add(session: PostgresSession): void {
    this.#sessions.add(session);
  }

  /** Forgets an ended session. */
  remove(session: PostgresSession): void {
    this.#sessions.delete(session);
    if (this.#sessions.size === 0) this.#onEmpty?.();
  }

  async close(end: SessionEnd, graceMs: number): Promise<void> {
    this.ending = end;
    clearInterval(this.#sweep);
    this.#offBundle();
    this.pool.clear();
    this.ahead.close();
    // a transaction has the same time to end as what runs
    const closeIdle = () => {
      for (const session of this.#sessions) if (session.idle && !session.talk.inTransaction) session.close(end);
    };
    closeIdle();
    if (this.#sessions.size > 0) {
      const drain = setInterval(closeIdle, DRAIN_CHECK_MS);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.#onEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      clearInterval(drain);
    }
    for (const session of this.#sessions) session.close(end);
  }

  /**
   * Sends a CancelRequest for one upstream connection over one of its own, to the very same server, until the server
   * closes it: then the signal was sent (PostgreSQL, protocol-flow: Canceling Requests in Progress). "unsure" when it may
   * still be on its way.
   */
  async cancelUpstream(resource: BundleResource, connection: ReachedUpstream): Promise<CancelOutcome> {
    const { at, processId, secret } = connection;
    const secrets = this.parts.credentials(resource.upstream.credentialRef);
    const ca = secrets.ok ? secrets.value.ca : undefined;
    const dialled = await dialAgain(resource, at, this.parts.dial, ca, CANCEL_TIMEOUT_MS);
    if (!dialled.ok) {
      const { code, internal } = dialled.error;
      this.log.warn({ host: nameOf(at), code, reason: internal }, "cancel.failed");
      return "unsent";
    }
    const { value: stream } = dialled;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.log.warn({ host: nameOf(at), timeoutMs: CANCEL_TIMEOUT_MS }, "cancel.unsure");
        resolve("unsure");
        stream.destroy();
      }, CANCEL_TIMEOUT_MS).unref();
      const closed = (cause: Error | undefined) => {
        clearTimeout(timer);
        resolve(cause ? "unsure" : "taken");
      };
      const ignore = () => undefined;
      stream.attach({ data: ignore, drain: ignore, closed });
      stream.write(cancelRequest(processId, secret));
    });
  }

  async #open(client: Socket, resource: BundleResource, onProven: () => void): Promise<Result<true, HandshakeError>> {
    const preface = await readPreface(client, () => this.parts.services.secureContext());
    if (!preface.ok) {
      client.destroy();
      return preface;
    }
    const { packet } = preface.value;
    if (packet.kind === "cancel") {
      await this.keys.use(packet);
      preface.value.socket.destroy();
      return ok(true);
    }
    if (!preface.value.encrypted && !this.parts.plaintext) return this.#refuseInTheClear(preface.value);
    const { socket } = preface.value;
    const origin = { ip: client.remoteAddress ?? "", onProven };
    return handshake(this, new SocketStream(socket), packet, resource, origin);
  }

  #refuseInTheClear({ socket }: Preface): Result<true, HandshakeError> {
    const message = "Sluice: this resource is reached over TLS only";
    socket.end(fatalFrame(SQLSTATE.invalidAuthorization, message, "connect with sslmode=verify-full (or require)"));
    return err(taggedError("handshake.no_tls", message));
  }

  #closeIdle(): void {
    const idleTimeoutMs = this.parts.services.resource()?.limits.idleTimeoutMs;
    if (idleTimeoutMs === undefined) return;
    const now = this.parts.clock.monotonic();
    const seconds = Math.round(idleTimeoutMs / 1000);
    for (const session of this.#sessions) {
      if (now - session.lastActiveMs <= idleTimeoutMs) continue;
      if (session.idle || session.unread) session.close({ kind: "idle", reason: `idle for more than ${seconds} s` });
      else if (session.unsent)
        session.close({
          kind: "idle",
          reason: `the upstream took nothing of what was sent for more than ${seconds} s`,
        });
    }
  }
}
