import type { Db, OrgTx } from "@sluice/db";
import { newId } from "@sluice/kernel";
import { CHAIN_START } from "@sluice/ledger";
import type { Deps } from "../../../server/deps.ts";
import { createOrgKeys } from "../../keys/index.ts";

/** A new tenant's name in addresses, and for people. */
export interface NewOrg {
  readonly slug: string;
  readonly name: string;
}

/**
 * Makes sure that an org exists, with all its keys and an empty ledger, in one transaction; one that exists is left as it
 * is. `owner` is a handle of the database's owner: the application's role may not create tenants. Throws when the slug has
 * a form that cannot be a host name.
 */
export async function provisionOrg(
  owner: Db,
  deps: Pick<Deps, "clock" | "sealer">,
  org: NewOrg,
): Promise<{ readonly orgId: string; readonly created: boolean }> {
  const known = await owner.lookups.orgBySlug(org.slug);
  if (known) return { orgId: known, created: false };
  const orgId = newId(deps.clock.now());
  await owner.withOrg(orgId, (tx) => createOrg(tx, deps, orgId, org));
  return { orgId, created: true };
}

async function createOrg(tx: OrgTx, deps: Pick<Deps, "clock" | "sealer">, orgId: string, org: NewOrg): Promise<void> {
  await tx.org.create({ data: { id: orgId, slug: org.slug, name: org.name } });
  await tx.changeHead.create({ data: { orgId, head: new Uint8Array(CHAIN_START) } });
  await createOrgKeys(tx, deps.sealer, orgId, deps.clock.now());
}
