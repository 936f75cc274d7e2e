import type { BundleResource } from "@sluice/bundle";
import type { Dial, UpstreamSecrets } from "../protocol.ts";
import { TrustedQueries } from "./trusted-query.ts";
import { openUpstream, POSTGRES_TLS_OPENING } from "./upstream.ts";

const TIMEOUT_MS = 10_000;

/** Opens a connection of the enforcer's own to a resource's upstream. Rejects with the cause. */
export async function openTrusted(
  resource: BundleResource,
  secrets: UpstreamSecrets,
  dial: Dial,
): Promise<TrustedQueries> {
  const { database, host, port, tls } = resource.upstream;
  const dialled = await dial({ host, port, tls, ca: secrets.ca, timeoutMs: TIMEOUT_MS }, POSTGRES_TLS_OPENING);
  if (!dialled.ok) throw new Error(`${dialled.error.code}: ${dialled.error.internal}`);
  const opened = await openUpstream(dialled.value, {
    database,
    credentials: secrets,
    settings: { application_name: "sluice catalogue", client_encoding: "UTF8" },
    frameBytesMax: resource.limits.frameBytesMax,
    timeoutMs: TIMEOUT_MS,
  });
  if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.internal}`);
  return new TrustedQueries(opened.value);
}
