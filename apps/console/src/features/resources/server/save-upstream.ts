import { resourceSchema } from "@sluice/bundle";
import { canonicalJson } from "@sluice/kernel";
import type { z } from "zod";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { refusable } from "../../../server/refusable.ts";
import { invalid, notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { changeOrg } from "../../bundles/index.ts";
import { readResource } from "../address.ts";
import type { saveUpstreamInputSchema, UpstreamReach } from "../schemas.ts";
import { reachOf, withReach } from "../upstream-reach.ts";

/**
 * Changes the hosts of a resource's upstream, which of them sessions use, and whether its connections are pooled. The site's
 * enforcers take it on with the next bundle: they end the resource's sessions, after the statements that run (5 s at most).
 */
export async function saveUpstream(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof saveUpstreamInputSchema>,
): Answer<UpstreamReach> {
  const { id, ...reach } = input;
  const names = reach.hosts.map(({ host, port }) => `${host.toLowerCase()} ${port}`);
  return refusable((refuse) =>
    changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
      const stored = await tx.resource.findFirst({ where: { id } });
      if (!stored) return refuse(notFound("resource"));
      if (new Set(names).size < names.length) return refuse(invalid("A host is there twice."));
      const resource = readResource(stored);
      const { limits, listen, upstream } = resourceSchema.parse({
        ...resource,
        upstream: withReach(resource.upstream, reach),
      });
      const before = reachOf(resource);
      if (canonicalJson(before) === canonicalJson(reach)) return reach;
      await tx.resource.update({ where: { id }, data: { config: { listen, upstream, limits } } });
      notes.record({ action: "resource.change", target: `Database::"${stored.name}"`, before, after: reach });
      notes.rebuild("resource");
      return reach;
    }),
  );
}
