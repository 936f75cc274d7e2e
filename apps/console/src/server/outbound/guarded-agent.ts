import type { LookupAddress, LookupOptions } from "node:dns";
import { lookup as lookupName } from "node:dns";
import { type ClientRequestArgs, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import type { AddressPolicy } from "./address-policy.ts";

/** An address may not be reached from here. Names what was asked for, not what it stands for. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused";
  readonly code = "ADDRESS_REFUSED";

  constructor(host: string) {
    super(`${host} is not a public address`);
  }
}

type Done = (cause: NodeJS.ErrnoException | null, addresses: string | LookupAddress[], family?: number) => void;
type Lookup = (host: string, options: LookupOptions, done: Done) => void;
type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  done: (cause: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;
type Connected = (cause: Error | null, stream: Duplex) => void;

/** The agent for requests of one scheme to a place of a tenant's choice. Connections are not kept. */
export function guardedAgent(protocol: "http:" | "https:", policy: AddressPolicy): HttpAgent {
  return protocol === "https:" ? new GuardedHttps(policy) : new GuardedHttp(policy);
}

/** Resolves a name and gives it to the caller only if each of its addresses may be reached. */
export function guardedLookup(may: (address: string) => boolean, resolve: Resolve = lookupName): Lookup {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (cause, addresses) => {
      if (cause) return done(cause, []);
      const [first] = addresses;
      // one that is refused among others that are not is an attempt to be let through
      if (!first || !addresses.every(({ address }) => may(address))) return done(new AddressRefused(host), []);
      if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

class GuardedHttp extends HttpAgent {
  readonly #policy: AddressPolicy;

  constructor(policy: AddressPolicy) {
    super({ keepAlive: false });
    this.#policy = policy;
  }

  override createConnection(options: ClientRequestArgs, connected?: Connected): Duplex | null | undefined {
    const may = (address: string) => this.#policy.allowsPlain(address);
    const guarded = guard(options, may);
    if (guarded) return super.createConnection(guarded, connected);
    throw new AddressRefused(String(options.host));
  }
}

class GuardedHttps extends HttpsAgent {
  readonly #policy: AddressPolicy;

  constructor(policy: AddressPolicy) {
    super({ keepAlive: false });
    this.#policy = policy;
  }

  override createConnection(options: ClientRequestArgs, connected?: Connected): Duplex | null | undefined {
    const may = (address: string) => this.#policy.allows(address);
    const guarded = guard(options, may);
    if (guarded) return super.createConnection(guarded, connected);
    throw new AddressRefused(String(options.host));
  }
}

/** The options with a lookup that judges; undefined for an address that may not be reached. Node looks up names alone. */
function guard(options: ClientRequestArgs, may: (address: string) => boolean): ClientRequestArgs | undefined {
  const host = (options.host ?? "").replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !may(host)) return undefined;
  if (options.socketPath !== undefined) return undefined;
  return { ...options, lookup: guardedLookup(may) };
}
