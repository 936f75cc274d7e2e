import { readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { bodyOf, decodeErrorFields } from "./codec/decode.ts";
import * as encode from "./codec/encode.ts";
import { FrameReader } from "./codec/frame-reader.ts";

/** One message as a test looks at it: type letter, error code and text, or ReadyForQuery's status. */
export interface SeenMessage {
  readonly type: string;
  readonly code?: string | undefined;
  readonly text?: string | undefined;
  readonly body: Buffer;
}

/** A client that sends exactly what a test says, over TLS. */
export class WireClient {
  readonly seen: SeenMessage[] = [];
  readonly #socket: TLSSocket;
  readonly #reader = new FrameReader(1 << 26);
  #wake: (() => void) | undefined;
  closed = false;

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#reader.push(Buffer.from(chunk));
      while (this.#reader.next()) this.seen.push(read(this.#reader));
      this.#wake?.();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.closed = true;
      this.#wake?.();
    });
  }

  send(...frames: Buffer[]): void {
    this.#socket.write(Buffer.concat(frames));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Waits for a condition on what was seen; fails after five seconds. */
  async until(condition: () => boolean): Promise<void> {
    const deadline = Date.now() + 5_000;
    while (!condition()) {
      if (Date.now() > deadline) throw new Error(`waited in vain; saw ${this.types()}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 50);
      });
    }
  }

  /** Waits for so many more ReadyForQuery and returns everything since the last call. */
  async answers(readies = 1): Promise<SeenMessage[]> {
    await this.until(() => this.seen.filter(({ type }) => type === "Z").length >= readies);
    let count = 0;
    const end = this.seen.findIndex(({ type }) => type === "Z" && ++count === readies);
    return this.seen.splice(0, end + 1);
  }

  types(): string {
    return this.seen.map(({ type }) => type).join("");
  }
}

function read(reader: FrameReader): SeenMessage {
  const type = String.fromCharCode(reader.type);
  const body = Buffer.from(reader.buffer.subarray(reader.start + 5, reader.end));
  if (type === "E" || type === "N") {
    const fields = decodeErrorFields(bodyOf(reader.buffer, reader.start, reader.end));
    return { type, code: fields.C, text: fields.M, body };
  }
  return { type, text: body.toString("latin1"), body };
}

/** Opens a session: TLS (asked for, or direct), startup, token. */
export async function openWire(
  site: { readonly port: number; readonly caFile: string },
  options: {
    readonly user?: string;
    readonly direct?: boolean;
    readonly version?: number;
    readonly params?: Record<string, string>;
  } = {},
): Promise<WireClient> {
  const socket = connectTcp({ host: "127.0.0.1", port: site.port });
  if (!options.direct) {
    socket.write(encode.sslRequest());
    await new Promise((resolve) => socket.once("data", resolve));
  }
  const secure = connectTls({
    socket,
    servername: "localhost",
    ca: readFileSync(site.caFile),
    ALPNProtocols: ["postgresql"],
  });
  await new Promise<void>((resolve, reject) => {
    secure.once("secureConnect", () => resolve());
    secure.once("error", reject);
  });
  const client = new WireClient(secure);
  const user = options.user ?? "ana";
  client.send(encode.startupMessage(options.version ?? 196_608, { user, database: "shop", ...options.params }));
  await client.until(() => client.types().includes("R") || client.closed);
  client.send(encode.saslResponse(Buffer.from(`token:${user}\0`)));
  await client.until(() => client.types().endsWith("Z") || client.closed);
  return client;
}

/** Bind with text parameters. */
export function bind(portal: string, statement: string, values: readonly string[] = []): Buffer {
  const parts: Buffer[] = [encode.cstring(portal), encode.cstring(statement), Buffer.from([0, 0, 0, values.length])];
  for (const value of values) {
    const length = Buffer.alloc(4);
    length.writeInt32BE(Buffer.byteLength(value));
    parts.push(length, Buffer.from(value));
  }
  return encode.frame(0x42, Buffer.concat([...parts, Buffer.from([0, 0])]));
}
