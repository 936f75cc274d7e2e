import type { OrgTx } from "@sluice/db";
import { ok, type Result } from "@sluice/kernel";
import type { Deps } from "../../../server/deps.ts";
import {
  type EnforcerName,
  type IssuedCertificate,
  type IssueError,
  issueCertificate,
  readOrgKey,
} from "../../keys/index.ts";

/** A certificate with the authority that issued it. */
export interface Certified {
  readonly certificate: IssuedCertificate;
  readonly authorityDer: Uint8Array;
}

/** Issues a certificate of the org's authority for the key of a request, and notes it: which key signed which records stays provable. */
export async function certifyEnforcer(
  tx: OrgTx,
  deps: Pick<Deps, "clock" | "sealer">,
  name: EnforcerName,
  requestDer: Uint8Array,
): Promise<Result<Certified, IssueError>> {
  const { orgId, enforcerId } = name;
  const key = await readOrgKey(tx, deps.sealer, orgId, "ca");
  if (!key.certificate) throw new Error("the org's authority has no certificate");
  const authority = { certificateDer: key.certificate, privateKeyDer: key.secret };
  const issued = await issueCertificate(authority, requestDer, name, deps.clock.now());
  if (!issued.ok) return issued;
  const { serial, publicKeyDer, notBefore, notAfter } = issued.value;
  await tx.enforcerCertificate.create({
    data: { orgId, enforcerId, serial, publicKey: new Uint8Array(publicKeyDer), notBefore, notAfter },
  });
  await tx.enforcer.update({
    where: { id: enforcerId },
    data: { certificateSerial: serial, certificateEndsAt: notAfter },
  });
  return ok({ certificate: issued.value, authorityDer: key.certificate });
}
