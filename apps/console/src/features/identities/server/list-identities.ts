import { ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { identitiesSchema } from "../schemas.ts";
import { agentInclude, personInclude, viewAgent, viewPerson } from "./principal-view.ts";

const PRINCIPALS_MAX = 5_000;

/** Everybody and everything that can act in the org, by handle. */
export async function listIdentities(_deps: Deps, scope: OrgScope): Answer<z.infer<typeof identitiesSchema>> {
  return scope.data.tx(async (tx) => {
    const page = { where: { status: "active" }, orderBy: { handle: "asc" }, take: PRINCIPALS_MAX } as const;
    const people = await tx.member.findMany({ ...page, include: personInclude });
    const agents = await tx.agent.findMany({ ...page, include: agentInclude });
    const groups = await tx.principalGroup.findMany({
      orderBy: { name: "asc" },
      include: { members: { include: { member: true, agent: true } } },
    });
    return ok({
      people: people.map(viewPerson),
      agents: agents.map(viewAgent),
      groups: groups.map(({ id, name, source, members }) => ({
        id,
        name,
        source,
        members: members.flatMap(viewGroupMember),
      })),
    });
  });
}

interface StoredGroupMember {
  readonly member: { readonly handle: string; readonly name: string } | null;
  readonly agent: { readonly handle: string; readonly name: string } | null;
}

function viewGroupMember({
  member,
  agent,
}: StoredGroupMember): { type: "User" | "Agent"; handle: string; name: string }[] {
  if (member) return [{ type: "User", handle: member.handle, name: member.name }];
  return agent ? [{ type: "Agent", handle: agent.handle, name: agent.name }] : [];
}
