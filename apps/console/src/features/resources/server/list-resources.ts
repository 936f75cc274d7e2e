import { ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { resourceListSchema } from "../schemas.ts";
import { readActivity, readEnforcers, resourceInclude, viewResource } from "./resource-view.ts";

const RESOURCES_MAX = 1_000;

/** All resources by site and name. */
export async function listResources(deps: Deps, scope: OrgScope): Answer<z.infer<typeof resourceListSchema>> {
  const activity = await readActivity(scope, deps.clock.now());
  return scope.data.tx(async (tx) => {
    const stored = await tx.resource.findMany({
      orderBy: [{ site: { slug: "asc" } }, { name: "asc" }],
      take: RESOURCES_MAX,
      include: resourceInclude,
    });
    const context = { enforcers: await readEnforcers(tx), activity };
    return ok({ items: stored.map((one) => viewResource(one, context)) });
  });
}
