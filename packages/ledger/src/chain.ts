import { createHash, type KeyObject, sign, verify } from "node:crypto";

/** Bytes of a chain head. */
export const CHAIN_HEAD_BYTES = 32;

/** The head before the first batch of an enforcer: 32 zero bytes. */
export const CHAIN_START: Uint8Array = new Uint8Array(CHAIN_HEAD_BYTES);

/** What an enforcer says about its chain after one batch. */
export interface ChainHead {
  readonly orgId: string;
  readonly enforcerId: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** head before the batch, 32 bytes */
  readonly previous: Uint8Array;
  /** head after the batch, 32 bytes */
  readonly head: Uint8Array;
}

/**
 * The head of a chain after a batch: sha-256 over a tag, the head before it and the batch's bytes (its entries as
 * canonical JSON, each ended by a line feed). Throws a RangeError when `previous` is not a head.
 */
export function chainHead(previous: Uint8Array, batch: Uint8Array): Buffer {
  if (previous.length !== CHAIN_HEAD_BYTES) throw new RangeError(`a chain head has ${CHAIN_HEAD_BYTES} bytes`);
  return createHash("sha256").update("sluice.chain.v1\n").update(previous).update(batch).digest();
}

// Org, enforcer and range are under the signature, so a head cannot stand for another chain or another place in it.
function signedBytes(head: ChainHead): Buffer {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  const { orgId, enforcerId, firstSeq, lastSeq } = head;
  const fields = [orgId, enforcerId, firstSeq, lastSeq, hex(head.previous), hex(head.head)];
  return Buffer.from(`sluice.chain-head.v1\n${fields.join("\n")}\n`, "utf8");
}

// Ed25519 hashes for itself; ECDSA keys (P-256) sign a sha-256.
function digestName(key: KeyObject): "sha256" | null {
  return key.asymmetricKeyType === "ed25519" || key.asymmetricKeyType === "ed448" ? null : "sha256";
}

/** Signs a head with the enforcer's enrolment key, whose public half stands in the certificate of the org's CA. */
export function signHead(head: ChainHead, privateKey: KeyObject): Buffer {
  return sign(digestName(privateKey), signedBytes(head), privateKey);
}

/** Whether a head was signed by the holder of that key. Never throws on a malformed signature. */
export function verifyHead(head: ChainHead, signature: Uint8Array, publicKey: KeyObject): boolean {
  return verify(digestName(publicKey), signedBytes(head), publicKey, signature);
}
