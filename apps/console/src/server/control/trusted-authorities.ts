import { X509Certificate } from "node:crypto";
import type { Db } from "@sluice/db";

/** PEM of every org's authority in use, sorted, so that two readings can be compared. */
export async function readAuthorities(db: Db): Promise<string[]> {
  const pems: string[] = [];
  for (const orgId of await db.lookups.orgIds()) {
    const keys = await db.withOrg(orgId, (tx) =>
      tx.signingKey.findMany({ where: { purpose: "ca", retiredAt: null }, select: { certificate: true } }),
    );
    for (const { certificate } of keys) if (certificate) pems.push(new X509Certificate(certificate).toString());
  }
  return pems.sort();
}
