import type { Db } from "@sluice/db";
import { err, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import type { Deps } from "../../../server/deps.ts";
import { type IssueError, requestKey } from "../../keys/index.ts";
import { type Certified, certifyEnforcer } from "./certify-enforcer.ts";
import { type EnforcerIdentity, type IdentifyError, identifyEnforcer, RECOVERY_MS_MAX } from "./identify-enforcer.ts";

/** Why there is no fresh certificate. */
export type RenewError = IssueError | IdentifyError | TaggedError<"enforcer.other_key">;

/**
 * A fresh certificate for a proven enforcer. It keeps its key for life, as its chain of records is signed with it: a
 * request for another key is refused.
 */
export async function renewCertificate(
  db: Db,
  deps: Pick<Deps, "clock" | "sealer">,
  identity: EnforcerIdentity,
  csrDer: Uint8Array,
): Promise<Result<Certified, RenewError>> {
  const key = await requestKey(csrDer);
  if (!key.ok) return key;
  if (!Buffer.from(key.value).equals(identity.publicKeyDer)) {
    return err(taggedError("enforcer.other_key", "The request is for another key than the enforcer's own."));
  }
  const { orgId, siteId, enforcerId } = identity;
  return db.withOrg(orgId, (tx) => certifyEnforcer(tx, deps, { orgId, siteId, enforcerId }, csrDer));
}

/** The same for an enforcer whose certificate ended while it could not reach us: it shows that and signs with its key. */
export async function recoverCertificate(
  db: Db,
  deps: Pick<Deps, "clock" | "sealer">,
  request: { readonly certificateDer: Uint8Array; readonly csrDer: Uint8Array },
): Promise<Result<Certified, RenewError>> {
  const identity = await identifyEnforcer(db, request.certificateDer, deps.clock.now(), RECOVERY_MS_MAX);
  return identity.ok ? renewCertificate(db, deps, identity.value, request.csrDer) : identity;
}
