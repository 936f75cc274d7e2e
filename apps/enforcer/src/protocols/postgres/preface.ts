import { once } from "node:events";
import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import { err, ok, type Result, taggedError } from "@sluice/kernel";
import type { HandshakeError } from "../protocol.ts";
import { decodeStartup, MalformedMessage, STARTUP_BYTES_MAX, type StartupPacket } from "./codec/decode.ts";

/** The first byte of a TLS record that holds a ClientHello: direct TLS, without SSLRequest. */
const TLS_HANDSHAKE = 0x16;
const YES_TLS = Buffer.from("S");
const NO_GSSENC = Buffer.from("N");

/** How far a client came before it is asked who it is. */
export interface Preface {
  readonly socket: Socket;
  readonly encrypted: boolean;
  readonly packet: Extract<StartupPacket, { readonly kind: "startup" | "cancel" }>;
}

/** Answers SSLRequest and GSSENCRequest, does TLS, and returns the startup or cancel packet. Bounds: 10,000 bytes. */
export async function readPreface(
  plain: Socket,
  secureContext: () => SecureContext,
): Promise<Result<Preface, HandshakeError>> {
  let socket = plain;
  let encrypted = false;
  for (let requests = 0; requests < 3; requests++) {
    const first = await peekByte(socket);
    if (first === undefined) return err(closed());
    if (first === TLS_HANDSHAKE && !encrypted) {
      const secured = await secure(socket, secureContext(), true);
      if (!secured.ok) return secured;
      [socket, encrypted] = [secured.value, true];
      continue;
    }
    const read = await readPacket(socket);
    if (!read.ok) return read;
    const { value: packet } = read;
    if (packet.kind === "gssenc") socket.write(NO_GSSENC);
    else if (packet.kind === "ssl") {
      if (encrypted) return err(malformed("SSLRequest inside TLS"));
      // what follows before the handshake would be taken as if it had been encrypted (CVE-2021-23222)
      if (socket.readableLength > 0) return err(malformed("bytes in the clear after SSLRequest"));
      socket.write(YES_TLS);
      const secured = await secure(socket, secureContext(), false);
      if (!secured.ok) return secured;
      [socket, encrypted] = [secured.value, true];
    } else if (packet.kind === "cancel" || packet.kind === "startup") return ok({ socket, encrypted, packet });
  }
  return err(malformed("too many requests before a startup packet"));
}

async function readPacket(socket: Socket): Promise<Result<StartupPacket, HandshakeError>> {
  const header = await readBytes(socket, 4);
  if (!header) return err(closed());
  const length = header.readUInt32BE(0);
  if (length < 8 || length > STARTUP_BYTES_MAX) return err(malformed("the first packet is not PostgreSQL's"));
  const body = await readBytes(socket, length - 4);
  if (!body) return err(closed());
  try {
    return ok(decodeStartup(Buffer.concat([header, body])));
  } catch (cause) {
    if (cause instanceof MalformedMessage) return err(malformed(cause.message));
    throw cause;
  }
}

async function peekByte(socket: Socket): Promise<number | undefined> {
  const byte = await readBytes(socket, 1);
  if (!byte) return undefined;
  socket.unshift(byte);
  return byte[0];
}

/**
 * Exactly so many bytes, or nothing when the stream is over first. One listener for the whole wait: a new one would be called
 * at once while some bytes are there but too few, for ever, and nothing else in the process would run.
 */
function readBytes(socket: Socket, count: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const done = (bytes: Buffer | undefined) => {
      socket.off("readable", attempt);
      for (const event of ENDINGS) socket.off(event, over);
      resolve(bytes);
    };
    const over = () => done(undefined);
    const attempt = () => {
      const bytes: unknown = socket.read(count);
      // at the end of the stream `read` returns what is left, however short
      if (Buffer.isBuffer(bytes)) done(bytes.length === count ? bytes : undefined);
      else if (socket.destroyed || socket.readableEnded) over();
    };
    socket.on("readable", attempt);
    for (const event of ENDINGS) socket.on(event, over);
    attempt();
  });
}

const ENDINGS = ["end", "close", "error"] as const;

async function secure(
  plain: Socket,
  context: SecureContext,
  direct: boolean,
): Promise<Result<TLSSocket, HandshakeError>> {
  const socket = new TLSSocket(plain, {
    isServer: true,
    secureContext: context,
    ALPNProtocols: ["postgresql"],
  });
  // the first error says why; any later one must not end the process
  socket.on("error", () => socket.destroy());
  const failed = new Promise<string>((resolve) => {
    socket.once("_tlsError", (cause: Error) => resolve(cause.message));
    socket.once("error", (cause: Error) => resolve(cause.message));
    socket.once("close", () => resolve("closed during the TLS handshake"));
  });
  const outcome = await Promise.race([once(socket, "secure").then(() => undefined), failed]);
  if (outcome !== undefined) {
    socket.destroy();
    return err(taggedError("handshake.no_tls", "the TLS handshake failed", { internal: outcome }));
  }
  // without ALPN another protocol's client could be led here (protocol-flow, "direct TLS")
  if (direct && socket.alpnProtocol !== "postgresql") {
    socket.destroy();
    return err(taggedError("handshake.no_tls", "direct TLS needs the ALPN protocol postgresql"));
  }
  return ok(socket);
}

function closed(): HandshakeError {
  return taggedError("handshake.closed", "the client closed the connection before it said who it is");
}

function malformed(text: string): HandshakeError {
  return taggedError("handshake.malformed", text);
}
