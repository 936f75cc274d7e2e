import type { OrgTx, Prisma } from "@sluice/db";
import type { z } from "zod";
import type { OrgScope } from "../../../server/scope.ts";
import { addressOf, readResource } from "../address.ts";
import { readCatalogue } from "../catalogue.ts";
import { resourceRowSchema } from "../schemas.ts";

/** What is read of a resource to show it. */
export const resourceInclude = {
  site: true,
  classes: { include: { dataClass: true } },
} as const satisfies Prisma.ResourceInclude;
/** A resource as stored, with its site and classified columns. */
export type StoredRow = Prisma.ResourceGetPayload<{ include: typeof resourceInclude }>;

/** What several resources share, read once. */
export interface ResourceContext {
  readonly enforcers: readonly { readonly siteId: string; readonly status: string; readonly listeners: unknown }[];
  readonly activity: ReadonlyMap<string, { readonly exchanges: number; readonly refused: number }>;
}

/** The org's enforcers that count, for addresses and states. */
export async function readEnforcers(tx: OrgTx): Promise<ResourceContext["enforcers"]> {
  return tx.enforcer.findMany({
    where: { status: { in: ["online", "offline"] } },
    select: { siteId: true, status: true, listeners: true },
  });
}

/** Exchanges of the last day by resource. */
export async function readActivity(scope: OrgScope, nowMs: number): Promise<ResourceContext["activity"]> {
  const { rows } = await scope.data.sql((sql) =>
    sql.query<{ id: string; exchanges: number; refused: number }>(
      `SELECT r."resourceId" AS id, count(*)::int AS exchanges,
              (count(*) FILTER (WHERE r."verdict" = 'deny'))::int AS refused
       FROM "record" r WHERE r."kind" = 'exchange' AND r."at" >= $1 AND r."resourceId" IS NOT NULL GROUP BY 1`,
      [new Date(nowMs - 24 * 60 * 60_000)],
    ),
  );
  return new Map(rows.map(({ id, exchanges, refused }) => [id, { exchanges, refused }]));
}

/** A resource as lists show it. */
export function viewResource(stored: StoredRow, context: ResourceContext): z.infer<typeof resourceRowSchema> {
  const resource = readResource(stored);
  const enforcers = context.enforcers.filter(({ siteId }) => siteId === stored.siteId);
  const address = addressOf(resource, enforcers);
  const activity = context.activity.get(stored.id);
  return resourceRowSchema.parse({
    id: stored.id,
    name: stored.name,
    kind: stored.kind,
    environment: stored.environment,
    site: { id: stored.site.id, slug: stored.site.slug, name: stored.site.name },
    tags: resource.tags,
    address: address ? `${address.host}:${address.port}` : null,
    database: resource.upstream.database,
    enforcers: { online: enforcers.filter(({ status }) => status === "online").length, total: enforcers.length },
    classes: countClasses(stored),
    relations: readCatalogue(stored.catalogue).relations.length,
    exchanges24h: activity?.exchanges ?? 0,
    refused24h: activity?.refused ?? 0,
  });
}

function countClasses({ classes }: StoredRow): { name: string; columns: number }[] {
  const counts = new Map<string, number>();
  for (const { dataClass } of classes) counts.set(dataClass.name, (counts.get(dataClass.name) ?? 0) + 1);
  return [...counts].map(([name, columns]) => ({ name, columns })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
