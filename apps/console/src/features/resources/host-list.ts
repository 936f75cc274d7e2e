import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";

/** One host of a list. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 5432;

/**
 * Reads hosts as people write them: one per line or between commas, `host`, `host:port` or `[IPv6]:port`, the port 5432 where
 * none is said. Says which entry is not one, and which is there twice.
 */
export function parseHosts(text: string): Result<readonly HostPort[], TaggedError<"hosts.invalid">> {
  const hosts: HostPort[] = [];
  for (const entry of text.split(/[\s,]+/).filter((each) => each !== "")) {
    const host = parseHost(entry);
    if (!host) return err(taggedError("hosts.invalid", `${entry.slice(0, 100)} is not host:port`));
    if (hosts.some((each) => each.host === host.host && each.port === host.port))
      return err(taggedError("hosts.invalid", `${entry.slice(0, 100)} is there twice`));
    hosts.push(host);
  }
  return hosts.length === 0 ? err(taggedError("hosts.invalid", "at least one host")) : ok(hosts);
}

/** The list as text, one host per line. */
export function formatHosts(hosts: readonly HostPort[]): string {
  return hosts.map(formatHost).join("\n");
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatHost({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function parseHost(entry: string): HostPort | undefined {
  const parts = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9][A-Za-z0-9._-]*))(?::(\d{1,5}))?$/.exec(entry);
  const host = parts?.[1] ?? parts?.[2];
  const port = parts?.[3] === undefined ? DEFAULT_PORT : Number(parts[3]);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}
