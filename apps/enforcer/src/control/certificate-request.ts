import "reflect-metadata";
import { createPublicKey, type KeyObject, webcrypto, type X509Certificate } from "node:crypto";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";

const ED25519 = { name: "Ed25519" } as const;

/**
 * A PKCS#10 request (DER) for the enforcer's key, signed with it. The subject carries nothing: who the enforcer is, the
 * control plane knows from the token or the old certificate, never from the request.
 */
export async function certificateRequest(privateKey: KeyObject): Promise<Uint8Array> {
  const publicKey = createPublicKey(privateKey);
  const keys = {
    privateKey: await webcrypto.subtle.importKey(
      "pkcs8",
      privateKey.export({ format: "der", type: "pkcs8" }),
      ED25519,
      true,
      ["sign"],
    ),
    publicKey: await webcrypto.subtle.importKey(
      "spki",
      publicKey.export({ format: "der", type: "spki" }),
      ED25519,
      true,
      ["verify"],
    ),
  };
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: "CN=sluice-enforcer",
    keys,
    signingAlgorithm: ED25519,
  });
  return new Uint8Array(request.rawData);
}

/** When a certificate begins and ends, in milliseconds since 1970. */
export function validity(certificate: X509Certificate): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: certificate.validFromDate.getTime(), toMs: certificate.validToDate.getTime() };
}

/** Whether a certificate is for this very key. */
export function isForKey(certificate: X509Certificate, privateKey: KeyObject): boolean {
  return certificate.checkPrivateKey(privateKey);
}
