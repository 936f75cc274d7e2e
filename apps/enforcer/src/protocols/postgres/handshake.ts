import type { BundleResource } from "@sluice/bundle";
import { err, ok, type Result, taggedError } from "@sluice/kernel";
import type { ClientIdentity } from "../../identity/identity.ts";
import { nameOf } from "../../upstream/hosts.ts";
import type { ByteStream } from "../byte-stream.ts";
import type { Denial, HandshakeError, SessionEnd, SessionGate } from "../protocol.ts";
import { turns } from "../turns.ts";
import type { PostgresAdapter } from "./adapter.ts";
import { MalformedMessage, type StartupPacket } from "./codec/decode.ts";
import * as encode from "./codec/encode.ts";
import { FrameReader } from "./codec/frame-reader.ts";
import { FRONTEND, TX } from "./codec/message.ts";
import { Conversation } from "./conversation.ts";
import { FrameQueue, HandshakeEnded } from "./frame-queue.ts";
import type { PoolOwner } from "./identity-pool.ts";
import { type ReachedUpstream, reachUpstream } from "./reach.ts";
import { fatalDenialFrame, fatalFrame, SQLSTATE } from "./refuse.ts";
import { PostgresSession } from "./session.ts";
import type { UpstreamGone } from "./session-parts.ts";
import { readStartup, type StartupRequest } from "./startup.ts";

const TOKEN_BYTES_MAX = 16_384;
const VERSION_3_2 = 196_610;

type Refusal = Result<never, HandshakeError>;

/** Where a client comes from, and who hears that its proof was good. */
interface ClientOrigin {
  readonly ip: string;
  readonly onProven: () => void;
}

/** Takes one encrypted client from its startup packet to a running session. The token is read inside TLS only. */
export async function handshake(
  adapter: PostgresAdapter,
  client: ByteStream,
  packet: Extract<StartupPacket, { kind: "startup" }>,
  resource: BundleResource,
  { ip, onProven }: ClientOrigin,
): Promise<Result<true, HandshakeError>> {
  const refuse = refuser(client);
  if (packet.version >> 16 !== 3) return refuse(SQLSTATE.featureNotSupported, "only protocol version 3 is spoken here");
  const request = readStartup(packet.parameters);
  if (!request.ok) return refuse(request.error.sqlstate, request.error.message.replace(/^Sluice: /, ""));
  const { database, user, application } = request.value;
  if (database !== resource.name && database !== resource.upstream.database)
    return refuse(
      SQLSTATE.invalidCatalogName,
      `this is ${resource.name}; there is no database ${JSON.stringify(database)}`,
    );
  if (!adapter.hasRoom(resource))
    return refuse(SQLSTATE.tooManyConnections, `${resource.name} has its ${resource.limits.sessionsMax} sessions`);
  negotiate(client, packet);
  const proof = await readToken(client);
  if (!proof.ok) return refuse(SQLSTATE.protocolViolation, proof.error);
  const identity = await adapter.parts.services.verify(proof.value, user);
  if (!identity.ok) {
    const unknown =
      identity.error.code === "identity.unknown_principal" || identity.error.code === "identity.user_mismatch";
    const code = unknown ? SQLSTATE.invalidAuthorization : SQLSTATE.invalidPassword;
    return refuse(code, `${identity.error.public} (${identity.error.code})`, "the password is a Sluice access token");
  }
  onProven();
  const facts = { ip, application, protocol: "postgres" };
  const early: { session?: PostgresSession; end?: SessionEnd } = {};
  const gate = await adapter.parts.services.openGate(identity.value, facts, (end) => {
    early.end = end;
    early.session?.close(end);
  });
  if (!gate.ok) return refuseDenied(client, gate.error);
  const upstream = await connect(adapter, resource, request.value, identity.value);
  if (!upstream.ok) {
    gate.value.close(upstream.error);
    return refuse(
      SQLSTATE.connectionFailure,
      `the upstream of ${resource.name} cannot be used: ${upstream.error}`,
      "try again in a moment; if it stays so, ask who runs this database",
    );
  }
  const end = early.end ?? adapter.ending;
  if (client.closed || end) {
    upstream.value.connection.stream.end(encode.terminate());
    gate.value.close("ended during the handshake");
    if (end) return refuse(SQLSTATE.adminShutdown, end.reason);
    return err(taggedError("handshake.closed", "the client went away"));
  }
  // others may have taken the room while this one shook hands
  if (!adapter.hasRoom(resource)) {
    upstream.value.connection.stream.end(encode.terminate());
    gate.value.close("no room for another session");
    return refuse(SQLSTATE.tooManyConnections, `${resource.name} has its ${resource.limits.sessionsMax} sessions`);
  }
  early.session = start(adapter, client, gate.value, upstream.value, packet.version);
  return ok(true);
}

function negotiate(client: ByteStream, packet: Extract<StartupPacket, { kind: "startup" }>): void {
  const unknown = [...packet.parameters.keys()].filter((name) => name.startsWith("_pq_."));
  if (packet.version > VERSION_3_2 || unknown.length > 0)
    client.write(encode.negotiateVersion(Math.min(packet.version, VERSION_3_2), unknown));
}

async function readToken(client: ByteStream): Promise<Result<string, string>> {
  const queue = new FrameQueue(client, TOKEN_BYTES_MAX);
  client.write(encode.authentication(3));
  try {
    const message = await queue.next();
    if (message.type !== FRONTEND.password) return err("a password message was expected");
    const token = message.body.string();
    message.body.finish();
    return queue.reader.idle ? ok(token) : err("messages before the session was open");
  } catch (cause) {
    if (cause instanceof HandshakeEnded || cause instanceof MalformedMessage) return err(cause.message);
    throw cause;
  }
}

/** A connection and for whom it was opened. */
interface OwnedUpstream {
  readonly connection: ReachedUpstream;
  readonly owner: PoolOwner;
}

async function connect(
  adapter: PostgresAdapter,
  resource: BundleResource,
  request: StartupRequest,
  identity: ClientIdentity,
): Promise<Result<OwnedUpstream, string>> {
  const { dial, hosts } = adapter.parts;
  const secrets = adapter.parts.credentials(resource.upstream.credentialRef);
  if (!secrets.ok) return err(secrets.error.public);
  const { log, pool } = adapter;
  const { settings } = request;
  const owner: PoolOwner = { identity, resource, user: secrets.value.user, settings };
  const idle = pool.take(owner);
  if (idle) return ok({ connection: idle, owner });
  const wish = { resource, secrets: secrets.value, settings };
  const reached = await adapter.ahead.connect(wish, () => reachUpstream({ ...wish, hosts, dial, log }));
  if (!reached.ok) return err(reached.error.public);
  pool.opened(reached.value);
  return ok({ connection: reached.value, owner });
}

function start(
  adapter: PostgresAdapter,
  client: ByteStream,
  gate: SessionGate,
  { connection: upstream, owner }: OwnedUpstream,
  version: number,
): PostgresSession {
  const { identity, resource } = owner;
  const key = adapter.keys.issue(version >= VERSION_3_2 ? 32 : 4, () => session.cancel());
  const expiry = setTimeout(
    () => session.close({ kind: "expired", reason: "the access token of this session has expired" }),
    Math.min(Math.max(identity.expiresAtMs - adapter.parts.clock.now(), 0), 2 ** 31 - 1),
  ).unref();
  const role = upstream.parameters.get("session_authorization") ?? "";
  upstream.reader.sharesMemory = true;
  const session: PostgresSession = new PostgresSession({
    client,
    clientReader: new FrameReader(resource.limits.frameBytesMax),
    upstream,
    talk: new Conversation(upstream.parameters, role),
    gate,
    masking: adapter.parts.masking,
    limits: resource.limits,
    turns,
    log: adapter.log,
    monotonic: () => adapter.parts.clock.monotonic(),
    cancelUpstream: () => adapter.cancelUpstream(resource, upstream),
    upstreamGone: () => upstreamGone(adapter, upstream, resource),
    onEnd: (reusable) => {
      clearTimeout(expiry);
      adapter.keys.revoke(key.processId);
      adapter.remove(session);
      if (reusable && resource.upstream.pool.enabled) adapter.giveBack(owner, upstream);
      else upstream.stream.end(encode.terminate());
    },
  });
  adapter.add(session);
  const parameters = [...upstream.parameters].map(([name, value]) => encode.parameterStatus(name, value));
  const greeting = [encode.authentication(0), ...parameters, encode.backendKeyData(key.processId, key.secret)];
  client.write(Buffer.concat([...greeting, encode.readyForQuery(TX.idle)]));
  session.run();
  return session;
}

/** What a client is told whose upstream went away. The next session tries another host first. */
function upstreamGone(adapter: PostgresAdapter, { at }: ReachedUpstream, resource: BundleResource): UpstreamGone {
  adapter.parts.hosts.failed(at);
  const others = resource.upstream.fallbacks.length > 0 ? "its other hosts are tried first" : "it is tried again";
  return { host: nameOf(at), hint: `connect again: ${others}; what was not committed is lost` };
}

function refuser(client: ByteStream) {
  return (sqlstate: string, reason: string, hint?: string): Refusal => {
    client.end(fatalFrame(sqlstate, `Sluice: ${reason}`, hint));
    return err(taggedError("handshake.refused", reason));
  };
}

function refuseDenied(client: ByteStream, denial: Denial): Refusal {
  client.end(fatalDenialFrame(denial));
  return err(taggedError("handshake.refused", denial.reason, { internal: `${denial.policyId}: ${denial.reason}` }));
}
