import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Clock } from "@sluice/kernel";

/** One address of one of a resource's hosts. */
export interface UpstreamAddress {
  readonly host: string;
  readonly port: number;
  /** the IP address that the host's name stood for */
  readonly address: string;
}

/** The hosts of a resource, in the order of its configuration. */
export interface HostList {
  readonly host: string;
  readonly port: number;
  readonly fallbacks: readonly { readonly host: string; readonly port: number }[];
  readonly loadBalance: boolean;
  /** bound of one name's resolution */
  readonly connectTimeoutMs: number;
}

/** A host whose name could not be resolved. */
export interface Unresolved {
  readonly host: string;
  readonly port: number;
  readonly reason: string;
}

/** What hosts are made of; all but the clock have defaults of the real world. */
export interface HostParts {
  readonly clock: Pick<Clock, "monotonic">;
  /** all addresses of a name, in the system's order; rejects when there is none */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** in [0, 1) */
  readonly random?: () => number;
}

/** The addresses of one name that are tried, at most. */
const ADDRESSES_MAX = 16;
const REMEMBERED_MAX = 512;
const PAUSE_MS_MIN = 1_000;
const PAUSE_MS_MAX = 30_000;
/** A host that has the wrong role is asked again soon: fail-overs change roles within seconds. */
const UNFIT_MS = 2_000;

/**
 * Where a resource's upstream can be reached, best first: the hosts in order or at random, each with all addresses of its
 * name. An address that failed is tried last for a pause that doubles up to 30 s. Nothing is ever left out: when all have
 * failed, all are tried.
 */
export class UpstreamHosts {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #resolve: (host: string) => Promise<readonly string[]>;
  readonly #random: () => number;
  readonly #resting = new Map<string, { untilMs: number; pauseMs: number }>();

  constructor({ clock, random = Math.random, resolve = resolveName }: HostParts) {
    this.#clock = clock;
    this.#resolve = resolve;
    this.#random = random;
  }

  /** Every address, one after another; names are resolved when their turn comes. `role` is what the caller needs there. */
  async *candidates(list: HostList, role = ""): AsyncGenerator<UpstreamAddress | Unresolved> {
    const named = [{ host: list.host, port: list.port }, ...list.fallbacks];
    const order = list.loadBalance ? this.#shuffled(named) : named;
    // names that could not be resolved come last as well
    const hosts = [...order].sort(
      (left, right) => Number(this.#rests(nameOf(left))) - Number(this.#rests(nameOf(right))),
    );
    const later: UpstreamAddress[] = [];
    for (const { host, port } of hosts) {
      const found = await this.#addressesOf(host, list.connectTimeoutMs);
      if (!Array.isArray(found)) {
        this.#rest(nameOf({ host, port }));
        yield { host, port, reason: String(found) };
        continue;
      }
      const addresses = found.map((address) => ({ host, port, address }));
      for (const address of list.loadBalance ? this.#shuffled(addresses) : addresses) {
        // waits until the other addresses of all hosts were tried
        if (this.#rests(keyOf(address)) || this.#rests(keyOf(address) + role)) later.push(address);
        else yield address;
      }
    }
    yield* later;
  }

  /** It failed before, and has not worked since: another failure is no news. */
  suspects(address: UpstreamAddress): boolean {
    return this.#resting.has(keyOf(address));
  }

  /** It could not be reached, or died. */
  failed(address: UpstreamAddress): void {
    this.#rest(keyOf(address));
  }

  /** It answers, but has not the role now that was needed. */
  unfit(address: UpstreamAddress, role: string): void {
    this.#remember(keyOf(address) + role, { untilMs: this.#clock.monotonic() + UNFIT_MS, pauseMs: PAUSE_MS_MIN });
  }

  /** It was used well. */
  fine(address: UpstreamAddress): void {
    this.#resting.delete(keyOf(address));
    this.#resting.delete(nameOf(address));
  }

  async #addressesOf(host: string, timeoutMs: number): Promise<readonly string[] | string> {
    if (isIP(host) !== 0) return [host];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`its name was not resolved within ${timeoutMs} ms`), timeoutMs);
    });
    try {
      const found = await Promise.race([this.#resolve(host), late]);
      if (typeof found === "string") return found;
      return found.length === 0 ? "its name has no address" : found.slice(0, ADDRESSES_MAX);
    } catch (cause) {
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : "no answer";
      return `its name cannot be resolved (${code})`;
    } finally {
      clearTimeout(timer);
    }
  }

  #shuffled<T>(items: readonly T[]): readonly T[] {
    return items
      .map((item) => ({ item, at: this.#random() }))
      .toSorted((left, right) => left.at - right.at)
      .map(({ item }) => item);
  }

  #rests(key: string): boolean {
    return (this.#resting.get(key)?.untilMs ?? 0) > this.#clock.monotonic();
  }

  #rest(key: string): void {
    const before = this.#resting.get(key);
    const pauseMs = before ? Math.min(before.pauseMs * 2, PAUSE_MS_MAX) : PAUSE_MS_MIN;
    this.#remember(key, { untilMs: this.#clock.monotonic() + pauseMs, pauseMs });
  }

  #remember(key: string, rest: { untilMs: number; pauseMs: number }): void {
    this.#resting.delete(key);
    const [oldest] = this.#resting.size >= REMEMBERED_MAX ? this.#resting.keys() : [];
    if (oldest !== undefined) this.#resting.delete(oldest);
    this.#resting.set(key, rest);
  }
}

/** `host:port`, with brackets around an IPv6 address. */
export function nameOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function keyOf(address: UpstreamAddress): string {
  return `${nameOf(address)}/${address.address}`;
}

async function resolveName(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, order: "verbatim" });
  return found.map(({ address }) => address);
}
