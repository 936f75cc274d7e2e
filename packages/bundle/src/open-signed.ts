import { verify } from "node:crypto";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { type Envelope, envelopeSchema, preAuthEncoding } from "./envelope.ts";
import { keyIdOf, publicKeyFromRaw } from "./keys.ts";

/** Why a bundle, or a candidate beside it, is refused, by name. */
export type BundleRefusal = TaggedError<
  | "bundle.bad_format"
  | "bundle.unknown_format"
  | "bundle.unknown_key"
  | "bundle.bad_signature"
  | "bundle.wrong_org"
  | "bundle.wrong_site"
  | "bundle.rollback"
  | "bundle.expired"
>;

/** What an envelope must be. */
export interface ExpectedEnvelope {
  /** as refusals call it */
  readonly what: "bundle" | "candidate";
  readonly payloadType: string;
  readonly bytesMax: number;
}

/** A refusal; `text` is for people, `internal` for the log. */
export function refuse(code: BundleRefusal["code"], text: string, internal = text): Result<never, BundleRefusal> {
  return err(taggedError(code, text, { internal, retry: "after-change" }));
}

/** Bytes as JSON, or undefined: the schema that follows refuses that by name. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** The payload of an envelope whose form, type and signature hold, in that order. Never throws on bad input. */
export function openSigned(
  bytes: Uint8Array,
  bundleKey: Uint8Array,
  expected: ExpectedEnvelope,
): Result<Buffer, BundleRefusal> {
  const envelope = parseEnvelope(bytes, expected);
  return envelope.ok ? checkSignature(envelope.value, bundleKey, expected.what) : envelope;
}

function parseEnvelope(
  bytes: Uint8Array,
  { what, payloadType, bytesMax }: ExpectedEnvelope,
): Result<Envelope, BundleRefusal> {
  if (bytes.length > bytesMax) return refuse("bundle.bad_format", `The ${what} is larger than ${bytesMax} bytes.`);
  const parsed = envelopeSchema.safeParse(parseJson(bytes));
  if (!parsed.success)
    return refuse("bundle.bad_format", `The ${what} is not a signed envelope.`, parsed.error.message);
  if (parsed.data.payloadType === payloadType) return ok(parsed.data);
  return refuse("bundle.unknown_format", `The ${what} is of type ${parsed.data.payloadType}, not ${payloadType}.`);
}

function checkSignature(
  envelope: Envelope,
  bundleKey: Uint8Array,
  what: ExpectedEnvelope["what"],
): Result<Buffer, BundleRefusal> {
  const keyId = keyIdOf(bundleKey);
  const signature = envelope.signatures.find(({ keyid }) => keyid === keyId);
  if (signature === undefined) {
    return refuse("bundle.unknown_key", `The ${what} is signed by a key that this enforcer does not trust.`);
  }
  const payload = Buffer.from(envelope.payload, "base64");
  const proof = Buffer.from(signature.sig, "base64");
  if (payload.toString("base64") !== envelope.payload || proof.toString("base64") !== signature.sig) {
    return refuse("bundle.bad_format", `The ${what}'s envelope is not in canonical base64.`); // one text per bundle
  }
  const signed = preAuthEncoding(envelope.payloadType, payload);
  if (!verify(null, signed, publicKeyFromRaw(bundleKey), proof)) {
    return refuse("bundle.bad_signature", `The ${what}'s signature does not hold.`);
  }
  return ok(payload);
}
