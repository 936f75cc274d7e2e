import { BACKEND, FRONTEND, STARTUP_CODE } from "./message.ts";

/** Builds one frame: type, length, body. */
export function frame(type: number, body: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(body.length + 5);
  out[0] = type;
  out.writeUInt32BE(body.length + 4, 1);
  out.set(body, 5);
  return out;
}

/** A zero-terminated string. Text with a NUL would end early and is a bug of the caller. */
export function cstring(text: string): Buffer {
  if (text.includes("\0")) throw new RangeError("a wire string holds no NUL");
  return Buffer.from(`${text}\0`, "utf8");
}

function int32(...values: number[]): Buffer {
  const out = Buffer.allocUnsafe(values.length * 4);
  values.forEach((value, index) => void out.writeInt32BE(value, index * 4));
  return out;
}

/** Fields of ErrorResponse and NoticeResponse by their letter (protocol-error-fields). */
export type ErrorFields = Readonly<Record<string, string>>;

function fieldsFrame(type: number, fields: ErrorFields): Buffer {
  const parts = Object.entries(fields).map(([letter, text]) => cstring(letter + text.replaceAll("\0", "")));
  return frame(type, Buffer.concat([...parts, Buffer.from([0])]));
}

/** ErrorResponse. */
export const errorResponse = (fields: ErrorFields): Buffer => fieldsFrame(BACKEND.error, fields);
/** NoticeResponse. */
export const noticeResponse = (fields: ErrorFields): Buffer => fieldsFrame(BACKEND.notice, fields);
/** Authentication with a sub-code: 0 ok, 3 clear-text password. */
export const authentication = (code: number): Buffer => frame(BACKEND.authentication, int32(code));
/** ParameterStatus. */
export const parameterStatus = (name: string, value: string): Buffer =>
  frame(BACKEND.parameterStatus, Buffer.concat([cstring(name), cstring(value)]));
/** BackendKeyData; the secret is 4 bytes up to protocol 3.1 and at most 256 from 3.2. */
export const backendKeyData = (processId: number, secret: Uint8Array): Buffer =>
  frame(BACKEND.backendKeyData, Buffer.concat([int32(processId), secret]));
/** ReadyForQuery. */
export const readyForQuery = (status: number): Buffer => frame(BACKEND.readyForQuery, Buffer.from([status]));
/** NegotiateProtocolVersion: the newest version spoken here and the options not known. */
export const negotiateVersion = (version: number, unknownOptions: readonly string[]): Buffer =>
  frame(
    BACKEND.negotiateVersion,
    Buffer.concat([int32(version, unknownOptions.length), ...unknownOptions.map((name) => cstring(name))]),
  );

/** NotificationResponse. */
export const notification = (processId: number, channel: string, payload: string): Buffer =>
  frame(BACKEND.notification, Buffer.concat([int32(processId), cstring(channel), cstring(payload)]));

/** Query (simple protocol). */
export const query = (text: string): Buffer => frame(FRONTEND.query, cstring(text));
/** Parse without parameter types. */
export const parse = (name: string, text: string, parameterTypes: readonly number[] = []): Buffer => {
  const types = Buffer.allocUnsafe(2 + parameterTypes.length * 4);
  types.writeUInt16BE(parameterTypes.length, 0);
  parameterTypes.forEach((oid, index) => void types.writeUInt32BE(oid, 2 + index * 4));
  return frame(FRONTEND.parse, Buffer.concat([cstring(name), cstring(text), types]));
};
/** Bind without parameters, results as text. */
export const bind = (portal: string, statement: string): Buffer =>
  frame(FRONTEND.bind, Buffer.concat([cstring(portal), cstring(statement), Buffer.alloc(6)]));
/** Describe or Close of a statement ("S") or portal ("P"). */
export const describe = (kind: "S" | "P", name: string): Buffer => frame(FRONTEND.describe, cstring(kind + name));
/** Close of a statement ("S") or portal ("P"). */
export const close = (kind: "S" | "P", name: string): Buffer => frame(FRONTEND.close, cstring(kind + name));
/** Execute; 0 rows is no limit. */
export const execute = (portal: string, rowsMax: number): Buffer =>
  frame(FRONTEND.execute, Buffer.concat([cstring(portal), int32(rowsMax)]));
/** Sync. */
export const sync = (): Buffer => frame(FRONTEND.sync, Buffer.alloc(0));
/** Flush. */
export const copyFail = (reason: string): Buffer => frame(FRONTEND.copyFail, cstring(reason));

export const flush = (): Buffer => frame(FRONTEND.flush, Buffer.alloc(0));
/** Terminate. */
export const terminate = (): Buffer => frame(FRONTEND.terminate, Buffer.alloc(0));
/** SASLInitialResponse. */
export const saslInitial = (mechanism: string, data: Uint8Array): Buffer =>
  frame(FRONTEND.password, Buffer.concat([cstring(mechanism), int32(data.length), data]));
/** SASLResponse (also PasswordMessage with a terminator of the caller's). */
export const saslResponse = (data: Uint8Array): Buffer => frame(FRONTEND.password, data);

/** The first packet: no type byte. */
export function startupMessage(version: number, parameters: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(parameters).flatMap(([name, value]) => [cstring(name), cstring(value)]);
  const body = Buffer.concat([int32(version), ...parts, Buffer.from([0])]);
  return Buffer.concat([int32(body.length + 4), body]);
}

/** SSLRequest. */
export const sslRequest = (): Buffer => int32(8, STARTUP_CODE.ssl);
/** CancelRequest. */
export const cancelRequest = (processId: number, secret: Uint8Array): Buffer =>
  Buffer.concat([int32(12 + secret.length, STARTUP_CODE.cancel, processId), secret]);
