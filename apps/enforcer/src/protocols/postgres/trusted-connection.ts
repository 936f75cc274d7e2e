import { logger } from "@sluice/telemetry";
import type { TrustedConnection, TrustedReach } from "../protocol.ts";
import { reachUpstream } from "./reach.ts";
import { TrustedQueries } from "./trusted-query.ts";

const log = logger("enforcer.postgres");

/**
 * Opens a connection of the enforcer's own to a resource's upstream. Rejects with the cause. Of several hosts it prefers
 * the primary, whatever sessions use: a standby shows a changed catalogue late, and statements would be judged by the old
 * one. Where no primary is to be had any host must do, for the time being.
 */
export async function openTrusted(reach: TrustedReach): Promise<TrustedConnection> {
  const several = reach.resource.upstream.fallbacks.length > 0;
  const settings = { application_name: "sluice catalogue", client_encoding: "UTF8" };
  const primary = await reachUpstream({ ...reach, log, settings, target: several ? "primary" : "any" });
  if (primary.ok) return new TrustedQueries(primary.value);
  const any = several ? await reachUpstream({ ...reach, log, settings, target: "any" }) : primary;
  if (!any.ok) throw new Error(`${any.error.code}: ${any.error.internal}`);
  return new TrustedQueries(any.value, true);
}
