import { Secret } from "@sluice/kernel";
import { logger } from "@sluice/telemetry";
import type { OrgData } from "../scope.ts";
import type { Sealer } from "../seal.ts";

const log = logger("console.auth");

/** An OpenID Connect provider of an org, ready to be used. */
export interface OidcConnection {
  readonly id: string;
  /** part of the redirect address: `oidc` for the oldest connection, `oidc-<id>` for others */
  readonly providerId: string;
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret<string>;
  /** an admin says that it verifies e-mail addresses, although it does not say so of each */
  readonly trustsEmail: boolean;
}

/** Where a connection's client secret is sealed to. */
export function secretPlace(orgId: string, connectionId: string): string {
  return `identity_connection.sealedSecret:${orgId}:${connectionId}`;
}

/** The path that a provider sends people back to. */
export function callbackPath(providerId: string): string {
  return `/api/auth/callback/${providerId}`;
}

/** The part of a connection's address that names it, given its place in the org's list (oldest first). */
export function providerIdOf(connectionId: string, index: number): string {
  return index === 0 ? "oidc" : `oidc-${connectionId}`;
}

/** The org's providers that are switched on, oldest first. One whose secret does not open is left out and logged. */
export async function readConnections(data: OrgData, sealer: Sealer): Promise<OidcConnection[]> {
  const rows = await data.tx((tx) =>
    tx.identityConnection.findMany({ orderBy: [{ createdAt: "asc" }, { id: "asc" }] }),
  );
  return rows.flatMap((row, index) => {
    if (!row.enabled || row.kind !== "oidc") return [];
    const opened = sealer.open(row.sealedSecret, secretPlace(data.orgId, row.id));
    if (!opened.ok) {
      log.error({ orgId: data.orgId, connectionId: row.id, code: opened.error.code }, "auth.connection_unreadable");
      return [];
    }
    const clientSecret = new Secret(Buffer.from(opened.value).toString("utf8"));
    const { id, name, issuer, clientId, trustsEmail } = row;
    return [{ id, providerId: providerIdOf(id, index), name, issuer, clientId, clientSecret, trustsEmail }];
  });
}
