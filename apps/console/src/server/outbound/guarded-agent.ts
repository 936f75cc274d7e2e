import type { LookupAddress, LookupOptions } from "node:dns";
import { lookup as lookupName } from "node:dns";
import { type ClientRequestArgs, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP, Socket } from "node:net";
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

/** Bounds of one connection, whatever library reads from it. */
export interface ConnectionBounds {
  /** received, in all */
  readonly bytesMax: number;
  /** from the start to the end */
  readonly lifetimeMs: number;
}

const bounds: ConnectionBounds = { bytesMax: 1_048_576, lifetimeMs: 15_000 };
const LOOK_MS = 10;

/**
 * The agent for requests of one scheme to a place of a tenant's choice. Connections are not kept, and are cut off beyond
 * their bounds (1 MiB, 15 s): libraries that read a whole answer before they judge it would fill the memory of all tenants.
 */
export function guardedAgent(
  protocol: "http:" | "https:",
  policy: AddressPolicy,
  limits: ConnectionBounds = bounds,
): HttpAgent {
  return protocol === "https:" ? new GuardedHttps(policy, limits) : new GuardedHttp(policy, limits);
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
  readonly #limits: ConnectionBounds;

  constructor(policy: AddressPolicy, limits: ConnectionBounds) {
    super({ keepAlive: false });
    this.#policy = policy;
    this.#limits = limits;
  }

  override createConnection(options: ClientRequestArgs, connected?: Connected): Duplex | null | undefined {
    const may = (address: string) => this.#policy.allowsPlain(address);
    const guarded = guard(options, may);
    if (guarded) return bound(super.createConnection(guarded, connected), this.#limits);
    throw new AddressRefused(String(options.host));
  }
}

class GuardedHttps extends HttpsAgent {
  readonly #policy: AddressPolicy;
  readonly #limits: ConnectionBounds;

  constructor(policy: AddressPolicy, limits: ConnectionBounds) {
    super({ keepAlive: false });
    this.#policy = policy;
    this.#limits = limits;
  }

  override createConnection(options: ClientRequestArgs, connected?: Connected): Duplex | null | undefined {
    const may = (address: string) => this.#policy.allows(address);
    const guarded = guard(options, may);
    if (guarded) return bound(super.createConnection(guarded, connected), this.#limits);
    throw new AddressRefused(String(options.host));
  }
}

/** Ends a connection that brings more or lasts longer than it may. HTTP reads past "data" events, so the count is looked at. */
function bound(socket: Duplex | null | undefined, { bytesMax, lifetimeMs }: ConnectionBounds) {
  if (!(socket instanceof Socket)) throw new TypeError("not a connection that can be bounded");
  const endsAt = performance.now() + lifetimeMs;
  const timer = setInterval(() => {
    if (socket.bytesRead > bytesMax) socket.destroy(new Error(`more than ${bytesMax} bytes came`));
    else if (performance.now() > endsAt) socket.destroy(new Error(`no whole answer within ${lifetimeMs / 1000} s`));
  }, LOOK_MS);
  socket.once("close", () => clearInterval(timer));
  return socket;
}

/** The options with a lookup that judges; undefined for an address that may not be reached. Node looks up names alone. */
function guard(options: ClientRequestArgs, may: (address: string) => boolean): ClientRequestArgs | undefined {
  const host = (options.host ?? "").replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !may(host)) return undefined;
  if (options.socketPath !== undefined) return undefined;
  return { ...options, lookup: guardedLookup(may) };
}
