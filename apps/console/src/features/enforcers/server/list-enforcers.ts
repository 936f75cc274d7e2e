import { ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { enforcerListSchema } from "../schemas.ts";
import { viewEnforcer } from "./enforcer-view.ts";

const ENFORCERS_MAX = 1_000;

/** All enforcers by site and name, what is wrong with each, and where new ones can run. */
export async function listEnforcers(deps: Deps, scope: OrgScope): Answer<z.infer<typeof enforcerListSchema>> {
  return scope.data.tx(async (tx) => {
    const orderBy = [{ site: { slug: "asc" } }, { name: "asc" }] as const;
    const enforcers = await tx.enforcer.findMany({
      orderBy: [...orderBy],
      include: { site: true },
      take: ENFORCERS_MAX,
    });
    const resources = await tx.resource.findMany({ select: { id: true, name: true } });
    const sites = await tx.site.findMany({ orderBy: { slug: "asc" }, select: { id: true, slug: true, name: true } });
    const names = new Map(resources.map(({ id, name }) => [id, name]));
    return ok({ items: enforcers.map((enforcer) => viewEnforcer(enforcer, names, deps.clock.now())), sites });
  });
}
