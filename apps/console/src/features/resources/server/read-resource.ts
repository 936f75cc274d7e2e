import type { BundleResource } from "@sluice/bundle";
import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import { notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { addressOf, readResource as readStored } from "../address.ts";
import { connectSnippets } from "../connection-url.ts";
import { maskStrategySchema, type ResourceDetail, type resourceInputSchema } from "../schemas.ts";
import { reachOf } from "../upstream-reach.ts";
import { treeOf } from "./resource-tree.ts";
import { readActivity, readEnforcers, resourceInclude, viewResource } from "./resource-view.ts";

/** One resource with its tree, its data classes, what is enforced on it, and how to connect. */
export async function readResource(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof resourceInputSchema>,
): Answer<ResourceDetail> {
  const activity = await readActivity(scope, deps.clock.now());
  return scope.data.tx(async (tx) => {
    const stored = await tx.resource.findFirst({ where: { id: input.id }, include: resourceInclude });
    if (!stored) return err(notFound("resource"));
    const enforcers = await readEnforcers(tx);
    const dataClasses = await tx.dataClass.findMany({
      orderBy: { name: "asc" },
      include: { columns: { where: { resourceId: stored.id }, select: { id: true } } },
    });
    const resource = readStored(stored);
    const ofSite = enforcers.filter(({ siteId }) => siteId === stored.siteId);
    const address = addressOf(resource, ofSite) ?? { host: resource.listen.host, port: resource.listen.port };
    const parts = { ...address, database: resource.upstream.database, user: scope.actor.handle };
    const { database, tls } = resource.upstream;
    const row = viewResource(stored, { enforcers, activity });
    return ok({
      ...row,
      catalogueAt: stored.catalogueAt?.toISOString() ?? null,
      upstream: { ...reachOf(resource), database, tls },
      schemas: treeOf(stored),
      dataClasses: dataClasses.map(({ name, description, strategy, columns }) => ({
        name,
        description,
        strategy: maskStrategySchema.parse(strategy),
        columns: columns.length,
      })),
      guarantees: guaranteesOf(resource, row.enforcers, stored.catalogueAt !== null),
      connect: { ...parts, snippets: connectSnippets(parts) },
    });
  });
}

/** What Sluice promises on this resource's path, and where a promise is not kept (law 6: the console says so). */
function guaranteesOf(
  resource: BundleResource,
  enforcers: ResourceDetail["enforcers"],
  catalogueKnown: boolean,
): ResourceDetail["guarantees"] {
  const upstreamTls = resource.upstream.tls === "verify-full";
  return [
    {
      name: "Every statement is decided before it runs",
      kept: enforcers.online > 0,
      detail:
        enforcers.online > 0
          ? "Simple and extended protocol; what is not understood is refused."
          : "No enforcer of this site is connected: clients cannot reach it through Sluice.",
    },
    {
      name: "Classified columns are masked in the answer",
      kept: catalogueKnown,
      detail: catalogueKnown
        ? "Through alias, view, subquery and CTE; where the origin is unknown, everything is masked."
        : "The enforcer has not reported the catalogue yet: until then everything unknown is masked.",
    },
    { name: "Clients connect over TLS with short-lived tokens", kept: true, detail: "Tokens work at this site only." },
    {
      name: "The connection to the database is verified",
      kept: upstreamTls,
      detail: upstreamTls
        ? "TLS with the server's name and authority checked."
        : "TLS to the database is switched off: use it on the same machine only.",
    },
    connectionsOf(resource),
    {
      name: "Nobody goes round Sluice",
      kept: false,
      detail: "Sluice cannot see connections that are made directly: allow only the enforcer's address and role there.",
    },
  ];
}

/** Whose sessions a connection to the database serves. */
function connectionsOf({ upstream }: BundleResource): ResourceDetail["guarantees"][number] {
  return {
    name: "A connection to the database serves one identity",
    kept: true,
    detail: upstream.pool.enabled
      ? "Further sessions of the same identity reuse it, reset and checked in between; loaded libraries stay loaded."
      : "It serves one session and ends with it.",
  };
}
