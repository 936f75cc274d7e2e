import { createHash, verify } from "node:crypto";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { BUNDLE_FORMAT, type BundleContent, bundleContentSchema } from "./content.ts";
import { BUNDLE_PAYLOAD_TYPE, ENVELOPE_BYTES_MAX, type Envelope, envelopeSchema, preAuthEncoding } from "./envelope.ts";
import { keyIdOf, publicKeyFromRaw } from "./keys.ts";

/** Why a bundle is refused, by name. */
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

/** What the verifier already trusts, and the time. */
export interface BundleTrust {
  /** raw Ed25519 public key (32 bytes), pinned at enrolment */
  readonly bundleKey: Uint8Array;
  readonly orgId: string;
  readonly siteId: string;
  /** the highest version ever applied; 0 for none. Anything below is a rollback. */
  readonly versionFloor: number;
  /** digest of the bundle applied at the floor: another bundle of that same version is refused as a rollback too */
  readonly floorDigest?: string | undefined;
  readonly nowMs: number;
}

/** A bundle that may be used. */
export interface VerifiedBundle {
  readonly content: BundleContent;
  readonly digest: string;
}

function refuse(code: BundleRefusal["code"], text: string, internal = text): Result<never, BundleRefusal> {
  return err(taggedError(code, text, { internal, retry: "after-change" }));
}

/**
 * Checks an envelope's bytes: form, key, signature, format, org, site, version floor, expiry, in that order; nothing of
 * the payload is looked at before its signature holds. Never throws on bad input.
 */
export function verifyBundle(bytes: Uint8Array, trust: BundleTrust): Result<VerifiedBundle, BundleRefusal> {
  const envelope = parseEnvelope(bytes);
  if (!envelope.ok) return envelope;
  const payload = checkSignature(envelope.value, trust.bundleKey);
  if (!payload.ok) return payload;
  const content = parseContent(payload.value);
  if (!content.ok) return content;
  const digest = createHash("sha256").update(payload.value).digest("hex");
  return checkTrust({ content: content.value, digest }, trust);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined; // not JSON: the schema that follows refuses it by name
  }
}

function parseEnvelope(bytes: Uint8Array): Result<Envelope, BundleRefusal> {
  if (bytes.length > ENVELOPE_BYTES_MAX) {
    return refuse("bundle.bad_format", `The bundle is larger than ${ENVELOPE_BYTES_MAX} bytes.`);
  }
  const parsed = envelopeSchema.safeParse(parseJson(bytes));
  if (!parsed.success) return refuse("bundle.bad_format", "The bundle is not a signed envelope.", parsed.error.message);
  if (parsed.data.payloadType !== BUNDLE_PAYLOAD_TYPE) {
    return refuse(
      "bundle.unknown_format",
      `The bundle is of type ${parsed.data.payloadType}, not ${BUNDLE_PAYLOAD_TYPE}.`,
    );
  }
  return ok(parsed.data);
}

function checkSignature(envelope: Envelope, bundleKey: Uint8Array): Result<Buffer, BundleRefusal> {
  const keyId = keyIdOf(bundleKey);
  const signature = envelope.signatures.find(({ keyid }) => keyid === keyId);
  if (signature === undefined) {
    return refuse("bundle.unknown_key", "The bundle is signed by a key that this enforcer does not trust.");
  }
  const payload = Buffer.from(envelope.payload, "base64");
  const proof = Buffer.from(signature.sig, "base64");
  if (payload.toString("base64") !== envelope.payload || proof.toString("base64") !== signature.sig) {
    return refuse("bundle.bad_format", "The bundle's envelope is not in canonical base64."); // one text per bundle
  }
  const signed = preAuthEncoding(envelope.payloadType, payload);
  if (!verify(null, signed, publicKeyFromRaw(bundleKey), proof)) {
    return refuse("bundle.bad_signature", "The bundle's signature does not hold.");
  }
  return ok(payload);
}

function parseContent(payload: Buffer): Result<BundleContent, BundleRefusal> {
  const json = parseJson(payload);
  const format = typeof json === "object" && json !== null && "format" in json ? json.format : undefined;
  if (format !== BUNDLE_FORMAT) {
    return refuse(
      "bundle.unknown_format",
      `The bundle has format ${String(format)}; this enforcer reads ${BUNDLE_FORMAT}.`,
    );
  }
  const parsed = bundleContentSchema.safeParse(json);
  if (!parsed.success) {
    return refuse("bundle.bad_format", "The bundle's content does not have the agreed form.", parsed.error.message);
  }
  return ok(parsed.data);
}

function checkTrust(bundle: VerifiedBundle, trust: BundleTrust): Result<VerifiedBundle, BundleRefusal> {
  const { content, digest } = bundle;
  if (content.orgId !== trust.orgId) return refuse("bundle.wrong_org", "The bundle was made for another org.");
  if (content.siteId !== trust.siteId) return refuse("bundle.wrong_site", "The bundle was made for another site.");
  if (content.version < trust.versionFloor) {
    return refuse(
      "bundle.rollback",
      `Bundle version ${content.version} is older than ${trust.versionFloor}, which was applied.`,
    );
  }
  if (content.version === trust.versionFloor && trust.floorDigest !== undefined && digest !== trust.floorDigest) {
    return refuse("bundle.rollback", `Another bundle of version ${content.version} was applied before.`);
  }
  if (content.expiresAtMs <= trust.nowMs) {
    return refuse("bundle.expired", `The bundle's lease ended at ${new Date(content.expiresAtMs).toISOString()}.`);
  }
  return ok(bundle);
}
