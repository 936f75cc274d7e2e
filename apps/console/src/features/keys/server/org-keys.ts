import { createPrivateKey, type KeyObject, randomBytes } from "node:crypto";
import { generateSigningKey, rawPublicKey } from "@sluice/bundle";
import type { OrgTx } from "@sluice/db";
import { newId, unwrap } from "@sluice/kernel";
import type { Sealer } from "../../../server/seal.ts";
import { createAuthority } from "./certificate-authority.ts";

/** What each key of an org is for; never one key for two purposes. */
export type KeyPurpose = "ca" | "bundle" | "token" | "ledger" | "mask";

/** Makes all keys of a new org, private parts sealed. The mask key is 32 random bytes and has no public part. */
export async function createOrgKeys(tx: OrgTx, sealer: Sealer, orgId: string, nowMs: number): Promise<void> {
  const authority = await createAuthority(orgId, nowMs);
  await storeKey(tx, sealer, orgId, {
    purpose: "ca",
    algorithm: "ecdsa-p256",
    publicKey: authority.publicKeyDer,
    certificate: authority.certificateDer,
    secret: authority.privateKeyDer,
  });
  for (const purpose of ["bundle", "token", "ledger"] as const) {
    const { privateKey } = generateSigningKey();
    const secret = privateKey.export({ format: "der", type: "pkcs8" });
    await storeKey(tx, sealer, orgId, { purpose, algorithm: "ed25519", publicKey: rawPublicKey(privateKey), secret });
  }
  const mask = {
    purpose: "mask",
    algorithm: "hmac-sha256",
    publicKey: new Uint8Array(),
    secret: randomBytes(32),
  } as const;
  await storeKey(tx, sealer, orgId, mask);
}

interface NewKey {
  readonly purpose: KeyPurpose;
  readonly algorithm: string;
  readonly publicKey: Uint8Array;
  readonly certificate?: Uint8Array;
  readonly secret: Uint8Array;
}

async function storeKey(tx: OrgTx, sealer: Sealer, orgId: string, key: NewKey): Promise<void> {
  const id = newId();
  await tx.signingKey.create({
    data: {
      id,
      orgId,
      purpose: key.purpose,
      algorithm: key.algorithm,
      publicKey: new Uint8Array(key.publicKey),
      certificate: key.certificate ? new Uint8Array(key.certificate) : null,
      sealedPrivate: sealer.seal(key.secret, placeOf(orgId, id)),
    },
  });
}

/** The place a private key is sealed to: moved to another row or org, it does not open. */
function placeOf(orgId: string, keyId: string): string {
  return `signing_key.sealedPrivate:${orgId}:${keyId}`;
}

/** The key in use for a purpose. */
export interface OrgKey {
  readonly id: string;
  /** raw 32 bytes for Ed25519, SubjectPublicKeyInfo for the CA, empty for mask */
  readonly publicKey: Uint8Array;
  readonly certificate: Uint8Array | null;
  /** the unsealed private part: PKCS#8, or the 32 bytes of the mask key */
  readonly secret: Uint8Array;
}

/** Reads and unseals the org's current key. Throws when it is missing or the deployment's seal key is another one. */
export async function readOrgKey(tx: OrgTx, sealer: Sealer, orgId: string, purpose: KeyPurpose): Promise<OrgKey> {
  const row = await tx.signingKey.findFirstOrThrow({ where: { purpose, retiredAt: null } });
  const secret = unwrap(sealer.open(row.sealedPrivate, placeOf(orgId, row.id)));
  return { id: row.id, publicKey: row.publicKey, certificate: row.certificate, secret };
}

/** The org's current private key as Node's crypto takes it. */
export async function readPrivateKey(
  tx: OrgTx,
  sealer: Sealer,
  orgId: string,
  purpose: Exclude<KeyPurpose, "mask">,
): Promise<KeyObject> {
  const { secret } = await readOrgKey(tx, sealer, orgId, purpose);
  return createPrivateKey({ key: Buffer.from(secret), format: "der", type: "pkcs8" });
}
