import type { Prisma } from "@sluice/db";
import type { z } from "zod";
import { type agentSchema, personSchema } from "../schemas.ts";

const groups = { memberships: { include: { group: true } } } as const;
/** What is read of a person to show them. */
export const personInclude = {
  ...groups,
  agents: { select: { handle: true } },
} as const satisfies Prisma.MemberInclude;
/** What is read of an agent to show it. */
export const agentInclude = {
  ...groups,
  onBehalfOf: { select: { handle: true } },
} as const satisfies Prisma.AgentInclude;

type StoredPerson = Prisma.MemberGetPayload<{ include: typeof personInclude }>;
type StoredAgent = Prisma.AgentGetPayload<{ include: typeof agentInclude }>;

function groupNames(memberships: readonly { readonly group: { readonly name: string } }[]): string[] {
  return memberships.map(({ group }) => group.name).sort();
}

/** A person as the console shows them. */
export function viewPerson(stored: StoredPerson): z.infer<typeof personSchema> {
  return personSchema.parse({
    ...stored,
    groups: groupNames(stored.memberships),
    agents: stored.agents.map(({ handle }) => handle).sort(),
    lockedAt: stored.lockedAt?.toISOString() ?? null,
    lastSeenAt: stored.lastSeenAt?.toISOString() ?? null,
  });
}

/** An agent as the console shows it. */
export function viewAgent(stored: StoredAgent): z.infer<typeof agentSchema> {
  return {
    id: stored.id,
    handle: stored.handle,
    name: stored.name,
    model: stored.model,
    onBehalfOf: stored.onBehalfOf?.handle ?? null,
    groups: groupNames(stored.memberships),
    lockedAt: stored.lockedAt?.toISOString() ?? null,
  };
}
