import { err, ok, type Result, type Secret, type TaggedError, taggedError } from "@sluice/kernel";
import type { ByteStream } from "../byte-stream.ts";
import { decodeErrorFields, MalformedMessage } from "./codec/decode.ts";
import { saslInitial, saslResponse, sslRequest, startupMessage, terminate } from "./codec/encode.ts";
import type { FrameReader } from "./codec/frame-reader.ts";
import { BACKEND } from "./codec/message.ts";
import { FrameQueue, HandshakeEnded, type HandshakeMessage } from "./frame-queue.ts";
import { ScramClient } from "./scram.ts";

/** Why the upstream did not take us. `fields` are its own words, for the log only. */
export type UpstreamError = TaggedError<
  | "upstream.unreachable"
  | "upstream.timeout"
  | "upstream.no_tls"
  | "upstream.untrusted"
  | "upstream.auth_method"
  | "upstream.auth_failed"
  | "upstream.refused"
  /** it is there but takes nobody now: starting, stopping, full */
  | "upstream.unavailable"
  | "upstream.protocol"
>;

/** The enforcer's own credentials for a resource. */
export interface UpstreamCredentials {
  readonly user: string;
  readonly password: Secret<string>;
}

/** An upstream connection that is ready for queries. */
export interface UpstreamConnection {
  readonly stream: ByteStream;
  /** holds what came after ReadyForQuery */
  readonly reader: FrameReader;
  readonly parameters: Map<string, string>;
  readonly processId: number;
  readonly secret: Buffer;
}

/** How to open one. */
export interface UpstreamOpening {
  readonly database: string;
  readonly credentials: UpstreamCredentials;
  /** settings of the startup packet, already checked */
  readonly settings: Readonly<Record<string, string>>;
  readonly frameBytesMax: number;
  readonly timeoutMs: number;
}

/** What `dial` sends to ask for TLS. */
export const POSTGRES_TLS_OPENING = { request: sslRequest(), yes: 0x53, alpn: "postgresql" } as const;

/** Protocol 3.0: the cancel key's length is the server's choice of 4 bytes, which every version understands. */
const PROTOCOL_VERSION = 196608;

/** Starts a session on a dialled stream: SCRAM-SHA-256 only (with channel binding where TLS allows), server proof checked. */
export async function openUpstream(
  stream: ByteStream,
  opening: UpstreamOpening,
): Promise<Result<UpstreamConnection, UpstreamError>> {
  const queue = new FrameQueue(stream, opening.frameBytesMax);
  const timer = setTimeout(
    () => queue.fail(new HandshakeEnded(`no end of the handshake within ${opening.timeoutMs} ms`)),
    opening.timeoutMs,
  );
  try {
    stream.write(
      startupMessage(PROTOCOL_VERSION, {
        user: opening.credentials.user,
        database: opening.database,
        ...opening.settings,
      }),
    );
    const authenticated = await authenticate(queue, stream, opening.credentials.password);
    if (!authenticated.ok) return refuse(stream, authenticated.error);
    return await untilReady(queue, stream);
  } catch (cause) {
    if (cause instanceof HandshakeEnded) return refuse(stream, fault("upstream.unreachable", cause.message));
    if (cause instanceof MalformedMessage) return refuse(stream, fault("upstream.protocol", cause.message));
    throw cause;
  } finally {
    clearTimeout(timer);
  }
}

async function authenticate(
  queue: FrameQueue,
  stream: ByteStream,
  password: Secret<string>,
): Promise<Result<true, UpstreamError>> {
  const offer = await expectAuthentication(queue);
  if (!offer.ok) return offer;
  if (offer.value.code !== 10)
    return err(
      fault("upstream.auth_method", `the upstream asks for authentication ${offer.value.code}, not SCRAM-SHA-256`),
    );
  const mechanisms = offer.value.data.toString("latin1").split("\0");
  const plus = stream.endPointBinding !== undefined && mechanisms.includes("SCRAM-SHA-256-PLUS");
  if (!plus && !mechanisms.includes("SCRAM-SHA-256"))
    return err(fault("upstream.auth_method", "the upstream does not offer SCRAM-SHA-256"));
  const scram = new ScramClient(password, plus ? stream.endPointBinding : undefined);
  stream.write(saslInitial(plus ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256", scram.first()));
  const first = await expectAuthentication(queue);
  if (!first.ok) return first;
  if (first.value.code !== 11) return err(fault("upstream.protocol", "SASL did not continue"));
  const final = await scram.final(first.value.data.toString("latin1"));
  if (!final.ok) return err(fault("upstream.auth_failed", final.error.public));
  stream.write(saslResponse(final.value));
  const last = await expectAuthentication(queue);
  if (!last.ok) return last;
  if (last.value.code !== 12) return err(fault("upstream.protocol", "SASL ended without the server's proof"));
  const proven = scram.verify(last.value.data.toString("latin1"));
  if (!proven.ok) return err(fault("upstream.auth_failed", proven.error.public));
  const done = await expectAuthentication(queue);
  if (!done.ok) return done;
  return done.value.code === 0 ? ok(true) : err(fault("upstream.protocol", "authentication did not end"));
}

async function expectAuthentication(
  queue: FrameQueue,
): Promise<Result<{ readonly code: number; readonly data: Buffer }, UpstreamError>> {
  const message = await queue.next();
  if (message.type === BACKEND.error) return err(refusal(message));
  if (message.type !== BACKEND.authentication) return err(fault("upstream.protocol", "no authentication request"));
  const code = message.body.int32();
  return ok({ code, data: message.body.rest() });
}

async function untilReady(queue: FrameQueue, stream: ByteStream): Promise<Result<UpstreamConnection, UpstreamError>> {
  const parameters = new Map<string, string>();
  let processId = 0;
  let secret: Buffer = Buffer.alloc(0);
  for (;;) {
    const message = await queue.next();
    const { body } = message;
    if (message.type === BACKEND.parameterStatus) parameters.set(body.string(), body.string());
    else if (message.type === BACKEND.backendKeyData) {
      processId = body.int32();
      secret = body.rest();
    } else if (message.type === BACKEND.error) return refuse(stream, refusal(message));
    else if (message.type === BACKEND.readyForQuery) break;
    else if (message.type !== BACKEND.notice)
      return refuse(stream, fault("upstream.protocol", "an unexpected message"));
  }
  return ok({ stream, reader: queue.reader, parameters, processId, secret });
}

function refusal(message: HandshakeMessage): UpstreamError {
  const fields = decodeErrorFields(message.body);
  const code = refusalCode(fields.C ?? "");
  return taggedError(code, `the upstream refused the connection (${fields.C ?? "no code"})`, {
    internal: `${fields.C ?? ""} ${fields.M ?? ""}`,
    retry: "later",
  });
}

function refusalCode(sqlstate: string): UpstreamError["code"] {
  if (sqlstate.startsWith("28")) return "upstream.auth_failed";
  return /^(53|57)/.test(sqlstate) ? "upstream.unavailable" : "upstream.refused";
}

function fault(code: UpstreamError["code"], text: string): UpstreamError {
  return taggedError(code, text, { retry: "later" });
}

function refuse(stream: ByteStream, error: UpstreamError): Result<never, UpstreamError> {
  stream.end(terminate());
  return err(error);
}
