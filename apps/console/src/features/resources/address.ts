import { type BundleResource, resourceSchema } from "@sluice/bundle";
import { z } from "zod";

/** A resource as stored. */
export interface StoredResource {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly environment: string;
  readonly tags: unknown;
  readonly config: unknown;
}

/** A stored resource in the form that enforcers get. Throws when what is stored is not one: a bug of whoever wrote it. */
export function readResource(stored: StoredResource): BundleResource {
  const config = z.looseObject({}).parse(stored.config);
  const { id, name, kind, environment, tags } = stored;
  return resourceSchema.parse({ ...config, id, name, kind, environment, tags });
}

const listenersSchema = z.array(z.object({ resourceId: z.string(), address: z.string() })).catch([]);

/** Where clients reach a resource: an online enforcer's report first, then what was configured with a fixed port. */
export function addressOf(
  resource: BundleResource,
  enforcers: readonly { readonly status: string; readonly listeners: unknown }[],
): { readonly host: string; readonly port: number } | undefined {
  const online = enforcers.toSorted((a, b) => Number(b.status === "online") - Number(a.status === "online"));
  for (const { listeners } of online) {
    const listener = listenersSchema.parse(listeners).find(({ resourceId }) => resourceId === resource.id);
    const address = listener && splitAddress(listener.address);
    if (address) return reachable(address);
  }
  return resource.listen.port === 0 ? undefined : reachable(resource.listen);
}

function splitAddress(address: string): { host: string; port: number } | undefined {
  const parts = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(address);
  return parts?.[1] === undefined ? undefined : { host: parts[1], port: Number(parts[2]) };
}

/** A wildcard or loopback address is reached as localhost, which is also the name in the development certificate. */
function reachable({ host, port }: { readonly host: string; readonly port: number }) {
  const local = ["0.0.0.0", "::", "*", "127.0.0.1", "::1"].includes(host);
  return { host: local ? "localhost" : host, port };
}
