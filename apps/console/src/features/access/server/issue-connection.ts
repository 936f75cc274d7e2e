import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { conflict, notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { issueAccessToken } from "../../access-tokens/index.ts";
import { addressOf, connectionUrl, psqlLine, readResource } from "../../resources/index.ts";
import type { connectInputSchema, connectionSchema } from "../schemas.ts";

/** Issues a token for oneself, or for an agent that acts for oneself, with a ready-made URL. Policy still decides what it may do. */
export async function issueConnection(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof connectInputSchema>,
): Answer<z.infer<typeof connectionSchema>> {
  const found = await scope.data.tx(async (tx) => {
    const stored = await tx.resource.findFirst({ where: { id: input.resourceId } });
    const enforcers =
      stored && (await tx.enforcer.findMany({ where: { siteId: stored.siteId, status: { not: "banned" } } }));
    const agent =
      input.agentId === undefined
        ? undefined
        : await tx.agent.findFirst({ where: { id: input.agentId, onBehalfOfId: scope.actor.memberId } });
    return { stored, enforcers, agent };
  });
  if (!found.stored) return err(notFound("resource"));
  if (found.agent === null) return err(notFound("agent of yours"));
  const resource = readResource(found.stored);
  const address = addressOf(resource, found.enforcers ?? []);
  if (!address) return err(conflict("No enforcer listens for this resource yet: start one for its site first."));
  const principal = found.agent
    ? ({ type: "Agent", agentId: found.agent.id } as const)
    : ({ type: "User", memberId: scope.actor.memberId } as const);
  const { siteId, name } = found.stored;
  const wish = { siteId, principal, name: `${name} from the console`, lifetimeS: input.lifetimeS };
  const issued = await issueAccessToken(deps, scope.data, changeActor(scope), wish);
  if (!issued.ok) return issued;
  const { id, token, user, expiresAt } = issued.value;
  const parts = { ...address, database: resource.upstream.database, user, password: token.reveal() };
  const url = connectionUrl(parts);
  return ok({ tokenId: id, expiresAt: expiresAt.toISOString(), ...parts, url, psql: psqlLine(parts) });
}
