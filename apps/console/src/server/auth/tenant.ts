import type { Db } from "@sluice/db";
import type { Clock } from "@sluice/kernel";
import { dataOf, type OrgRef } from "../scope.ts";

const KNOWN_TENANTS_MAX = 1_000;
const KNOWN_FOR_MS = 30_000;
const slugForm = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** Finds the org that a Host names: `<slug>.<base host>`, or the default org on the bare host. */
export interface Tenants {
  /** Undefined for any host that is not exactly one of ours: nothing may be built from such a request. */
  byHost(host: string | null | undefined): Promise<OrgRef | undefined>;
}

/** Tenants of one deployment. Remembers found orgs for 30 s (their names may change), never misses. */
export function tenantsOf(db: Db, clock: Clock, publicUrl: URL, defaultOrg: string): Tenants {
  const known = new Map<string, { org: OrgRef; untilMs: number }>();
  const bySlug = async (slug: string): Promise<OrgRef | undefined> => {
    const hit = known.get(slug);
    if (hit && hit.untilMs > clock.monotonic()) return hit.org;
    const id = await db.lookups.orgBySlug(slug);
    if (id === null) return undefined;
    const row = await dataOf(db, id).tx((tx) => tx.org.findUnique({ where: { id } }));
    if (!row) return undefined;
    const org: OrgRef = {
      id: row.id,
      slug: row.slug,
      name: row.name,
      origin: tenantOrigin(publicUrl, defaultOrg, slug),
    };
    if (known.size >= KNOWN_TENANTS_MAX) known.clear();
    known.set(slug, { org, untilMs: clock.monotonic() + KNOWN_FOR_MS });
    return org;
  };
  return {
    byHost: async (host) => {
      const slug = slugOfHost(host, publicUrl.host, defaultOrg);
      return slug === undefined ? undefined : bySlug(slug);
    },
  };
}

/** The org slug that a Host header names, or undefined for a host that is not ours. Ports must match too. */
export function slugOfHost(host: string | null | undefined, baseHost: string, defaultOrg: string): string | undefined {
  const asked = host?.trim().toLowerCase();
  if (asked === undefined || asked === "") return undefined;
  if (asked === baseHost) return defaultOrg;
  if (!asked.endsWith(`.${baseHost}`)) return undefined;
  const slug = asked.slice(0, -baseHost.length - 1);
  return slugForm.test(slug) ? slug : undefined;
}

/** The origin under which an org's people use the console. */
export function tenantOrigin(publicUrl: URL, defaultOrg: string, slug: string): string {
  return slug === defaultOrg ? publicUrl.origin : `${publicUrl.protocol}//${slug}.${publicUrl.host}`;
}
