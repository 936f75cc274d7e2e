import { type KeyObject, X509Certificate } from "node:crypto";
import type { Db } from "@sluice/db";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { type EnforcerName, parseEnforcerUri } from "../../keys/index.ts";

/** A proven enforcer. */
export interface EnforcerIdentity extends EnforcerName {
  readonly name: string;
  readonly publicKey: KeyObject;
  /** SubjectPublicKeyInfo of the same key */
  readonly publicKeyDer: Uint8Array;
}

/** Why a certificate proves nothing. `banned` is final; the others may be repaired by a new certificate. */
export type IdentifyError = TaggedError<
  "enforcer.no_certificate" | "enforcer.foreign_certificate" | "enforcer.ended_certificate" | "enforcer.banned"
>;

/** How long after its end a certificate still proves its key for recovery: 30 days. */
export const RECOVERY_MS_MAX = 30 * 86_400_000;

/**
 * Who a certificate belongs to: read from its SAN URI only, believed only when the authority of that very org signed it
 * for a client and the enforcer exists there, in that site, and is not banned. `endedMsMax` lets one that ended be shown.
 */
export async function identifyEnforcer(
  db: Db,
  der: Uint8Array | undefined,
  nowMs: number,
  endedMsMax = 0,
): Promise<Result<EnforcerIdentity, IdentifyError>> {
  const certificate = parse(der);
  if (!certificate) return refuse("enforcer.no_certificate", "No client certificate was shown.");
  const [uri] = /^URI:(\S+)$/.exec(certificate.subjectAltName ?? "")?.slice(1) ?? [];
  const name = uri === undefined ? undefined : parseEnforcerUri(uri);
  if (!name) return refuse("enforcer.foreign_certificate", "The certificate does not name an enforcer.");
  if (certificate.validFromDate.getTime() > nowMs || certificate.validToDate.getTime() + endedMsMax <= nowMs) {
    return refuse("enforcer.ended_certificate", "The certificate is not valid at this time.");
  }
  const state = await db.withOrg(name.orgId, async (tx) => ({
    authorities: await tx.signingKey.findMany({ where: { purpose: "ca", retiredAt: null } }),
    enforcer: await tx.enforcer.findUnique({ where: { id: name.enforcerId, siteId: name.siteId } }),
  }));
  const issued = state.authorities.some((key) => key.certificate && isIssuedBy(certificate, key.certificate));
  if (!issued || !state.enforcer) {
    return refuse("enforcer.foreign_certificate", "The certificate was not issued for an enforcer of this org.");
  }
  if (state.enforcer.status === "banned") {
    return refuse("enforcer.banned", `This enforcer is banned: ${state.enforcer.refusedReason ?? "no reason given"}`);
  }
  const publicKeyDer = new Uint8Array(certificate.publicKey.export({ format: "der", type: "spki" }));
  return ok({ ...name, name: state.enforcer.name, publicKey: certificate.publicKey, publicKeyDer });
}

function isIssuedBy(certificate: X509Certificate, authorityDer: Uint8Array): boolean {
  const authority = new X509Certificate(authorityDer);
  return !certificate.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

function parse(der: Uint8Array | undefined): X509Certificate | undefined {
  try {
    return der ? new X509Certificate(der) : undefined;
  } catch {
    return undefined; // refused by name above
  }
}

function refuse(code: IdentifyError["code"], text: string): Result<never, IdentifyError> {
  return err(taggedError(code, text));
}
