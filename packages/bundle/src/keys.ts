import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";

// SubjectPublicKeyInfo of an Ed25519 key is these 12 bytes and then the 32 of the key (RFC 8410 section 4).
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const RAW_BYTES = 32;

/** A fresh Ed25519 pair, for bundles and for access tokens (never one pair for both). */
export function generateSigningKey(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync("ed25519");
}

/** The 32 raw bytes of an Ed25519 key's public half. Throws a TypeError for any other kind of key. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  if (key.asymmetricKeyType !== "ed25519")
    throw new TypeError(`an Ed25519 key is needed, not ${key.asymmetricKeyType}`);
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return publicKey.export({ format: "der", type: "spki" }).subarray(SPKI_PREFIX.length);
}

/** The key of its 32 raw bytes. Throws a TypeError for another length. */
export function publicKeyFromRaw(raw: Uint8Array): KeyObject {
  if (raw.length !== RAW_BYTES) throw new TypeError(`an Ed25519 public key has ${RAW_BYTES} bytes, not ${raw.length}`);
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: "der", type: "spki" });
}

/**
 * The name of a key: sha-256 (hex) of its raw public bytes. It is derived, never assigned, so that one key cannot
 * stand under two names.
 */
export function keyIdOf(key: KeyObject | Uint8Array): string {
  const raw = key instanceof Uint8Array ? key : rawPublicKey(key);
  return createHash("sha256").update(raw).digest("hex");
}
