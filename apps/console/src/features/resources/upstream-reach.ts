import type { BundleResource } from "@sluice/bundle";
import type { UpstreamReach } from "./schemas.ts";

/** How a resource's upstream is reached, in the form that people read and change. */
export function reachOf({ upstream }: BundleResource): UpstreamReach {
  const { connectTimeoutMs, fallbacks, host, loadBalance, openAhead, pool, port, targetSession } = upstream;
  return { hosts: [{ host, port }, ...fallbacks], targetSession, loadBalance, connectTimeoutMs, openAhead, pool };
}

/** The same upstream reached another way; database, TLS and credentials stay as they are. */
export function withReach(upstream: BundleResource["upstream"], reach: UpstreamReach): object {
  const { hosts, ...options } = reach;
  const [first, ...fallbacks] = hosts;
  return { ...upstream, ...options, ...first, fallbacks };
}
