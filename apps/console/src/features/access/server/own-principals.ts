import type { OrgScope } from "../../../server/scope.ts";

/** The ids whose tokens are a member's own: themselves and the agents that act for them, with handles. */
export async function ownPrincipals(scope: OrgScope): Promise<Map<string, string>> {
  const agents = await scope.data.tx((tx) => tx.agent.findMany({ where: { onBehalfOfId: scope.actor.memberId } }));
  return new Map([
    [scope.actor.memberId, scope.actor.handle],
    ...agents.map(({ id, handle }) => [id, handle] as const),
  ]);
}
