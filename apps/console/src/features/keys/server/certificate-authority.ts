import "reflect-metadata";
import { randomBytes } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";

const authorityAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const authorityYears = 10;
/** Certificates of enforcers live this long at most. */
export const CERTIFICATE_MS_MAX = 3_600_000;
/** How far an enforcer's clock may lag. */
const SKEW_MS = 300_000;
/** Largest certificate request that is parsed. */
const REQUEST_BYTES_MAX = 16_384;

/** An org's own certificate authority, freshly made. */
export interface Authority {
  readonly certificateDer: Uint8Array;
  readonly publicKeyDer: Uint8Array;
  readonly privateKeyDer: Uint8Array;
}

/** Makes an authority (ECDSA P-256, path length 0) that is good for ten years. */
export async function createAuthority(orgId: string, nowMs: number): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(authorityAlgorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: `CN=Sluice org ${orgId}`,
    notBefore: new Date(nowMs - SKEW_MS),
    notAfter: new Date(nowMs + authorityYears * 365 * 86_400_000),
    signingAlgorithm: authorityAlgorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificateDer: new Uint8Array(certificate.rawData),
    publicKeyDer: new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey)),
    privateKeyDer: new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey)),
  };
}

/** Who an enforcer is, as its certificate says it. */
export interface EnforcerName {
  readonly orgId: string;
  readonly siteId: string;
  readonly enforcerId: string;
}

/** The SAN URI of an enforcer. */
export function enforcerUri(name: EnforcerName): string {
  return `sluice://org/${name.orgId}/site/${name.siteId}/enforcer/${name.enforcerId}`;
}

/** The enforcer that a SAN URI names, or undefined for anything else. */
export function parseEnforcerUri(uri: string): EnforcerName | undefined {
  const id = "([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})";
  const match = new RegExp(`^sluice://org/${id}/site/${id}/enforcer/${id}$`).exec(uri);
  const [, orgId, siteId, enforcerId] = match ?? [];
  return orgId && siteId && enforcerId ? { orgId, siteId, enforcerId } : undefined;
}

/** A certificate as it was issued. */
export interface IssuedCertificate {
  readonly der: Uint8Array;
  readonly serial: string;
  /** SubjectPublicKeyInfo */
  readonly publicKeyDer: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Why no certificate is issued. */
export type IssueError = TaggedError<"certificate.bad_request" | "certificate.bad_proof" | "certificate.bad_key">;

/**
 * Issues a client certificate for the key of a PKCS#10 request. Only the key is taken from the request: subject, names
 * and usages are ours. Refuses a request that its own key did not sign, and keys other than P-256 and Ed25519.
 */
export async function issueCertificate(
  authority: { readonly certificateDer: Uint8Array; readonly privateKeyDer: Uint8Array },
  requestDer: Uint8Array,
  name: EnforcerName,
  nowMs: number,
): Promise<Result<IssuedCertificate, IssueError>> {
  const request = await readRequest(requestDer);
  if (!request.ok) return request;
  const issuer = new x509.X509Certificate(copyOf(authority.certificateDer));
  const key = copyOf(authority.privateKeyDer);
  const signingKey = await crypto.subtle.importKey("pkcs8", key, authorityAlgorithm, false, ["sign"]);
  const notBefore = new Date(nowMs - SKEW_MS);
  const notAfter = new Date(nowMs + CERTIFICATE_MS_MAX - SKEW_MS);
  const serial = newSerial();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial,
    subject: `CN=enforcer ${name.enforcerId}`,
    issuer: issuer.subject,
    notBefore,
    notAfter,
    signingAlgorithm: authorityAlgorithm,
    publicKey: request.value,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: "url", value: enforcerUri(name) }]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  const publicKeyDer = new Uint8Array(request.value.rawData);
  return ok({ der: new Uint8Array(certificate.rawData), serial, publicKeyDer, notBefore, notAfter });
}

/** The public key (SubjectPublicKeyInfo) of a request whose own signature holds. */
export async function requestKey(requestDer: Uint8Array): Promise<Result<Uint8Array, IssueError>> {
  const request = await readRequest(requestDer);
  return request.ok ? ok(new Uint8Array(request.value.rawData)) : request;
}

async function readRequest(der: Uint8Array): Promise<Result<x509.PublicKey, IssueError>> {
  if (der.length > REQUEST_BYTES_MAX) return err(taggedError("certificate.bad_request", "The request is too large."));
  let request: x509.Pkcs10CertificateRequest;
  let proven: boolean;
  try {
    request = new x509.Pkcs10CertificateRequest(copyOf(der));
    const { algorithm } = request.publicKey;
    const allowed =
      algorithm.name === "Ed25519" ||
      (algorithm.name === "ECDSA" && "namedCurve" in algorithm && algorithm.namedCurve === "P-256");
    if (!allowed) return err(taggedError("certificate.bad_key", "Only P-256 and Ed25519 keys get a certificate."));
    proven = await request.verify();
  } catch (error) {
    const internal = error instanceof Error ? error.message : "unreadable request";
    return err(taggedError("certificate.bad_request", "This is not a certificate request.", { internal }));
  }
  if (!proven) return err(taggedError("certificate.bad_proof", "The request is not signed by the key that it names."));
  return ok(request.publicKey);
}

// A fixed buffer type for WebCrypto, which does not take views of shared memory.
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

// 16 random bytes; the first digit keeps the number positive and of full length (RFC 5280 section 4.1.2.2).
function newSerial(): string {
  return randomBytes(16).toString("hex").replace(/^./, "1");
}
