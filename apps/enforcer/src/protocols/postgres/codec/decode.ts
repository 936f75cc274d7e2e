import type { WireField } from "../../../masking/contract.ts";
import type { ErrorFields } from "./encode.ts";
import { STARTUP_CODE } from "./message.ts";

/** Bytes that are framed but not a legal message. The session that sent them ends. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}

const PLAIN_CHARS_MAX = 64;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads fields of one frame's body in order; every read is bounded by the frame. */
export class BodyReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  position: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.position = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.position === this.#end;
  }

  uint8(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  bytes(length: number): Buffer {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  rest(): Buffer {
    return this.bytes(this.#end - this.position);
  }

  /** The bytes before the next zero, which is read too. */
  bytesToZero(): Buffer {
    const at = this.position;
    const stop = this.#bytes.indexOf(0, at);
    if (stop === -1 || stop >= this.#end) throw new MalformedMessage("a string without its end");
    this.position = stop + 1;
    return this.#bytes.subarray(at, stop);
  }

  /** A zero-terminated string; text that is not UTF-8 is refused, since nobody could say what it means. */
  string(): string {
    const at = this.position;
    const plainEnd = this.#plainEnd(at);
    if (plainEnd !== undefined) {
      this.position = plainEnd + 1;
      return plainEnd === at ? "" : this.#bytes.toString("latin1", at, plainEnd);
    }
    const stop = this.#bytes.indexOf(0, at);
    if (stop === -1 || stop >= this.#end) throw new MalformedMessage("a string without its end");
    this.position = stop + 1;
    try {
      return utf8.decode(this.#bytes.subarray(at, stop));
    } catch {
      throw new MalformedMessage("a string that is not UTF-8");
    }
  }

  /** A name, as `string`: the few that a client uses over and over are not made again each time. */
  name(): string {
    const at = this.position;
    const end = this.#plainEnd(at);
    if (end === undefined) return this.string();
    this.position = end + 1;
    return keptName(this.#bytes, at, end);
  }

  /** Where a short string of ASCII alone ends: names mostly are, and a decoder costs more than they do. */
  #plainEnd(at: number): number | undefined {
    const bytes = this.#bytes;
    const last = Math.min(this.#end, at + PLAIN_CHARS_MAX);
    for (let index = at; index < last; index++) {
      const byte = bytes[index] ?? 0x80;
      if (byte === 0) return index;
      if (byte > 0x7f) return undefined;
    }
    return undefined;
  }

  /** Refuses bytes after the last field: what we did not read the server might. */
  finish(): void {
    if (!this.done) throw new MalformedMessage("bytes after the last field");
  }

  #take(length: number): number {
    const at = this.position;
    if (length < 0 || at + length > this.#end) throw new MalformedMessage("a field beyond its message");
    this.position = at + length;
    return at;
  }
}

const NAME_CHARS_MAX = 16;
const names: string[] = Array.from({ length: 64 }, () => "");

/** The Latin-1 text of some bytes: of a few, the one that was made last of bytes like these, if it is the same. */
export function keptName(bytes: Buffer, start: number, end: number): string {
  if (end - start > NAME_CHARS_MAX) return bytes.toString("latin1", start, end);
  const slot = ((bytes[end - 1] ?? 0) + (end - start)) & 63;
  const kept = names[slot] ?? "";
  if (isText(kept, bytes, start, end)) return kept;
  const made = bytes.toString("latin1", start, end);
  names[slot] = made;
  return made;
}

function isText(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = start; index < end; index++) if (bytes[index] !== text.charCodeAt(index - start)) return false;
  return true;
}

/** A frame's body, without type and length. */
export function bodyOf(buffer: Buffer, start: number, end: number): BodyReader {
  return new BodyReader(buffer, start + 5, end);
}

/** Query. */
export function decodeQuery(body: BodyReader): string {
  const text = body.string();
  body.finish();
  return text;
}

/** Parse. */
export interface ParseMessage {
  readonly name: string;
  readonly text: string;
  readonly parameterTypes: readonly number[];
}

/** Parse. */
export function decodeParse(body: BodyReader): ParseMessage {
  const name = body.name();
  const text = body.string();
  const count = body.int16() & 0xffff;
  const parameterTypes: number[] = [];
  for (let index = 0; index < count; index++) parameterTypes.push(body.uint32());
  body.finish();
  return { name, text, parameterTypes };
}

/** Only the names that a Bind begins with: enough to route it. */
export function decodeBindNames(body: BodyReader): { readonly portal: string; readonly statement: string } {
  return { portal: body.name(), statement: body.name() };
}

/** Bind's parameters in full. */
export interface BindMessage {
  readonly portal: string;
  readonly statement: string;
  readonly formats: readonly number[];
  readonly values: readonly (Buffer | null)[];
}

/** Bind in full; values are views. */
export function decodeBind(body: BodyReader): BindMessage {
  const portal = body.string();
  const statement = body.string();
  const formats: number[] = [];
  for (let count = body.int16() & 0xffff; count > 0; count--) formats.push(body.int16());
  const values: (Buffer | null)[] = [];
  for (let count = body.int16() & 0xffff; count > 0; count--) {
    const length = body.int32();
    values.push(length === -1 ? null : body.bytes(length));
  }
  for (let count = body.int16() & 0xffff; count > 0; count--) body.int16();
  body.finish();
  return { portal, statement, formats, values };
}

/** Describe and Close: "S" statement or "P" portal. */
export function decodeTarget(body: BodyReader): { readonly kind: "S" | "P"; readonly name: string } {
  const byte = body.uint8();
  if (byte !== 0x53 && byte !== 0x50) throw new MalformedMessage("neither a statement nor a portal");
  const name = body.name();
  body.finish();
  return { kind: byte === 0x53 ? "S" : "P", name };
}

/** Execute. */
export function decodeExecute(body: BodyReader): { readonly portal: string; readonly rowsMax: number } {
  const portal = body.name();
  const rowsMax = body.int32();
  body.finish();
  return { portal, rowsMax };
}

/** RowDescription. */
export function decodeRowDescription(body: BodyReader): WireField[] {
  const fields: WireField[] = [];
  for (let count = body.int16(); count > 0; count--) {
    // column names come in the client's encoding: they are shown to nobody here, so bytes beyond UTF-8 do not matter
    const name = readLatin(body);
    const tableOid = body.uint32();
    const columnNumber = body.int16();
    const typeOid = body.uint32();
    body.int16();
    body.int32();
    fields.push({ name, tableOid, columnNumber, typeOid, format: body.int16() });
  }
  body.finish();
  return fields;
}

function readLatin(body: BodyReader): string {
  let text = "";
  for (let byte = body.uint8(); byte !== 0; byte = body.uint8()) text += String.fromCharCode(byte);
  return text;
}

/** ErrorResponse and NoticeResponse; text that is not UTF-8 is read with replacement characters. */
export function decodeErrorFields(body: BodyReader): ErrorFields {
  const fields: Record<string, string> = {};
  for (let letter = body.uint8(); letter !== 0; letter = body.uint8()) {
    fields[String.fromCharCode(letter)] = body.bytesToZero().toString("utf8");
  }
  return fields;
}

/** What a client can open a connection with. */
export type StartupPacket =
  | { readonly kind: "ssl" | "gssenc" }
  | { readonly kind: "cancel"; readonly processId: number; readonly secret: Buffer }
  | { readonly kind: "startup"; readonly version: number; readonly parameters: ReadonlyMap<string, string> };

/** The largest first packet: PostgreSQL's own MAX_STARTUP_PACKET_LENGTH. */
export const STARTUP_BYTES_MAX = 10_000;

/** Reads the first packet's content after its length. */
export function decodeStartup(packet: Buffer): StartupPacket {
  const body = new BodyReader(packet, 4, packet.length);
  const code = body.int32();
  if (code === STARTUP_CODE.ssl || code === STARTUP_CODE.gssenc) {
    body.finish();
    return { kind: code === STARTUP_CODE.ssl ? "ssl" : "gssenc" };
  }
  if (code === STARTUP_CODE.cancel) {
    const processId = body.int32();
    const secret = body.rest();
    if (secret.length < 4 || secret.length > 256) throw new MalformedMessage("a cancel key of illegal length");
    return { kind: "cancel", processId, secret: Buffer.from(secret) };
  }
  const parameters = new Map<string, string>();
  for (;;) {
    const name = body.string();
    if (name === "") break;
    if (parameters.has(name)) throw new MalformedMessage("a startup parameter given twice");
    parameters.set(name, body.string());
  }
  body.finish();
  return { kind: "startup", version: code, parameters };
}

/** DataRow: its cells as text, null for NULL. */
export function decodeDataRow(body: BodyReader): (string | null)[] {
  const row: (string | null)[] = [];
  for (let count = body.int16(); count > 0; count--) {
    const length = body.int32();
    row.push(length === -1 ? null : body.bytes(length).toString("utf8"));
  }
  return row;
}
