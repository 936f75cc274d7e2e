import { createHash, X509Certificate } from "node:crypto";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import type { ByteStream } from "../protocols/byte-stream.ts";
import { SocketStream } from "../protocols/byte-stream.ts";

/** Why the upstream could not be reached. */
export type DialError = TaggedError<
  "upstream.unreachable" | "upstream.timeout" | "upstream.no_tls" | "upstream.untrusted"
>;

/** Where and how to connect. */
export interface DialTarget {
  /** the name that the certificate must carry */
  readonly host: string;
  /** the IP address to connect to; the host's own when absent */
  readonly address?: string | undefined;
  readonly port: number;
  readonly tls: "verify-full" | "disable";
  /** PEM; the system's roots when absent */
  readonly ca?: string | undefined;
  readonly timeoutMs: number;
}

/** Asks in the clear whether the peer speaks TLS, in the words of the protocol above. Must not read past its answer. */
export type TlsOpening = {
  readonly request: Uint8Array;
  /** the single byte that means yes */
  readonly yes: number;
  readonly alpn: string;
};

/** A server that vanished without a word is noticed in a minute; the system's own default is two hours. */
const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelay: 30_000 };

/** Opens a stream to an upstream; with `verify-full` only to a peer whose certificate names the host under a trusted CA. */
export async function dial(target: DialTarget, opening: TlsOpening): Promise<Result<ByteStream, DialError>> {
  if (target.tls === "disable") return dialPlain(target);
  const { address: host = target.host, port } = target;
  const socket = connect({ host, port, noDelay: true, ...KEEP_ALIVE });
  // the waits below hear the first error; any later one must not end the process
  socket.on("error", () => socket.destroy());
  const deadline = setTimeout(() => socket.destroy(timeoutError(target)), target.timeoutMs);
  try {
    await once(socket, "connect");
    socket.write(opening.request);
    if ((await firstByte(socket)) !== opening.yes)
      return fail(socket, "upstream.no_tls", "the upstream does not offer TLS");
    return ok(await upgrade(socket, target, opening));
  } catch (cause) {
    return fail(socket, codeOf(cause), describe(cause));
  } finally {
    clearTimeout(deadline);
  }
}

async function dialPlain(target: DialTarget): Promise<Result<ByteStream, DialError>> {
  const socket = connect({
    host: target.address ?? target.host,
    port: target.port,
    noDelay: true,
    ...KEEP_ALIVE,
  });
  const deadline = setTimeout(() => socket.destroy(timeoutError(target)), target.timeoutMs);
  try {
    await once(socket, "connect");
    return ok(new SocketStream(socket));
  } catch (cause) {
    return fail(socket, codeOf(cause), describe(cause));
  } finally {
    clearTimeout(deadline);
  }
}

async function upgrade(socket: Socket, target: DialTarget, opening: TlsOpening): Promise<ByteStream> {
  const secure = connectTls({
    socket,
    host: target.host,
    ...(isIP(target.host) === 0 ? { servername: target.host } : {}),
    secureContext: contextFor(target.ca),
    ALPNProtocols: [opening.alpn],
    rejectUnauthorized: true,
  });
  socket.on("error", (cause) => secure.destroy(cause));
  await once(secure, "secureConnect");
  return new SocketStream(secure, endPointBinding(secure));
}

/** A context is the same for each connection under one authority, and costs as much as a handshake. */
const CONTEXTS_MAX = 16;
const contexts = new Map<string, SecureContext>();

function contextFor(ca: string | undefined): SecureContext {
  const key = ca === undefined ? "the roots of this program" : ca;
  const known = contexts.get(key);
  if (known) return known;
  const made = createSecureContext({ ...(ca === undefined ? {} : { ca }), minVersion: "TLSv1.2" });
  if (contexts.size >= CONTEXTS_MAX) contexts.clear();
  contexts.set(key, made);
  return made;
}

/** RFC 5929 section 4: the certificate's hash under its own signature's hash, SHA-256 in place of MD5 and SHA-1. */
function endPointBinding(secure: TLSSocket): Buffer | undefined {
  const raw = secure.getPeerX509Certificate()?.raw;
  if (!raw) return undefined;
  const algorithm = new X509Certificate(raw).signatureAlgorithm?.toLowerCase() ?? "";
  const hash = /sha(256|384|512)/.exec(algorithm)?.[0];
  if (!hash && !/sha1|md5/.test(algorithm)) return undefined;
  return createHash(hash ?? "sha256")
    .update(raw)
    .digest();
}

function once(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed by the upstream")));
  });
}

function firstByte(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed by the upstream")));
    socket.once("readable", () => {
      const bytes: unknown = socket.read(1);
      if (!Buffer.isBuffer(bytes)) return reject(new Error("closed by the upstream"));
      // bytes after the answer would be read as if they came through TLS (CVE-2021-23222)
      if (socket.readableLength > 0) return reject(new Error("bytes in the clear after the answer to the TLS request"));
      resolve(bytes[0] ?? 0);
    });
  });
}

class DialTimeout extends Error {}

function timeoutError(target: DialTarget): Error {
  return new DialTimeout(`no answer within ${target.timeoutMs} ms`);
}

function codeOf(cause: unknown): DialError["code"] {
  if (cause instanceof DialTimeout) return "upstream.timeout";
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL/.test(code) ? "upstream.untrusted" : "upstream.unreachable";
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function fail(socket: Socket, code: DialError["code"], text: string): Result<never, DialError> {
  socket.destroy();
  return err(taggedError(code, text, { retry: "later" }));
}
