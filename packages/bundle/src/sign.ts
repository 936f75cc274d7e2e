import { createHash, type KeyObject, sign } from "node:crypto";
import { canonicalJson } from "@sluice/kernel";
import { type BundleContent, bundleContentSchema } from "./content.ts";
import { BUNDLE_PAYLOAD_TYPE, type Envelope, preAuthEncoding } from "./envelope.ts";
import { keyIdOf } from "./keys.ts";

/** A bundle ready to be stored and sent. */
export interface SignedBundle {
  /** UTF-8 JSON of the envelope: store and send exactly these bytes */
  readonly envelope: Uint8Array;
  /** sha-256 (hex) of the payload */
  readonly digest: string;
  readonly keyId: string;
}

/** sha-256 (hex) of a content's canonical bytes: equal content has an equal digest, wherever it is built. */
export function bundleDigest(content: BundleContent): string {
  return createHash("sha256").update(canonicalJson(content)).digest("hex");
}

/**
 * Signs a bundle's content with an Ed25519 private key. Deterministic: the same content and key give the same bytes.
 * Throws when the content does not have the schema's form or the key is of another kind: the builder's bug.
 */
export function signBundle(content: BundleContent, privateKey: KeyObject): SignedBundle {
  return signPayload(bundleContentSchema.parse(content), BUNDLE_PAYLOAD_TYPE, privateKey);
}

/** Signs content that was parsed, as canonical JSON of that type. Throws for another kind of key. */
export function signPayload(content: unknown, payloadType: string, privateKey: KeyObject): SignedBundle {
  const payload = Buffer.from(canonicalJson(content), "utf8");
  const keyId = keyIdOf(privateKey);
  const signature = sign(null, preAuthEncoding(payloadType, payload), privateKey);
  const envelope: Envelope = {
    payloadType,
    payload: payload.toString("base64"),
    signatures: [{ keyid: keyId, sig: signature.toString("base64") }],
  };
  return {
    envelope: Buffer.from(canonicalJson(envelope), "utf8"),
    digest: createHash("sha256").update(payload).digest("hex"),
    keyId,
  };
}
