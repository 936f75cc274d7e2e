import type { z } from "zod";
import { callbackPath, providerIdOf } from "../../../server/auth/connections.ts";
import type { OrgRef } from "../../../server/scope.ts";
import type { identityConnectionSchema } from "../schemas.ts";

/** An identity connection as stored, without its secret. */
export interface StoredConnection {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly enabled: boolean;
  readonly trustsEmail: boolean;
}

/** A connection as the console shows it; `index` is its place in the org's list, oldest first. */
export function viewConnection(
  org: OrgRef,
  stored: StoredConnection,
  index: number,
): z.infer<typeof identityConnectionSchema> {
  const { id, name, issuer, clientId, enabled, trustsEmail } = stored;
  const redirectUri = org.origin + callbackPath(providerIdOf(id, index));
  return { id, name, issuer, clientId, enabled, trustsEmail, redirectUri };
}
