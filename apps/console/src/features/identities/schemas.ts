import { z } from "zod";
import { permissionSchema, roleSchema } from "../../server/auth/permissions.ts";

/** Who is signed in, where, and what they can do. */
export const meSchema = z.object({
  member: z.object({ id: z.uuid(), handle: z.string(), name: z.string(), email: z.string() }),
  org: z.object({ id: z.uuid(), slug: z.string(), name: z.string() }),
  role: roleSchema,
  groups: z.array(z.string()),
  permissions: z.array(permissionSchema),
  approvals: z.object({ waitingForMe: z.number() }),
});
/** Who is signed in. */
export type Me = z.infer<typeof meSchema>;

const handle = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,62}$/, "lower case letters, digits, '.', '_' and '-', starting with a letter");

/** A person. Times are ISO 8601 in UTC. */
export const personSchema = z.object({
  id: z.uuid(),
  handle: z.string(),
  name: z.string(),
  email: z.string(),
  role: roleSchema,
  groups: z.array(z.string()),
  agents: z.array(z.string()),
  lockedAt: z.string().nullable(),
  lastSeenAt: z.string().nullable(),
});
/** An agent. */
export const agentSchema = z.object({
  id: z.uuid(),
  handle: z.string(),
  name: z.string(),
  model: z.string().nullable(),
  onBehalfOf: z.string().nullable(),
  groups: z.array(z.string()),
  lockedAt: z.string().nullable(),
});
/** Everybody and everything that can act. */
export const identitiesSchema = z.object({
  people: z.array(personSchema),
  groups: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      source: z.string(),
      members: z.array(z.object({ type: z.enum(["User", "Agent"]), handle: z.string(), name: z.string() })),
    }),
  ),
  agents: z.array(agentSchema),
});
/** Input of `identities.lock` and `unlock`. */
export const principalInputSchema = z.object({ type: z.enum(["User", "Agent"]), id: z.uuid() });
/** How it stands now. */
export const lockStateSchema = z.object({ id: z.uuid(), lockedAt: z.string().nullable() });
/** Input of `identities.addMember`. */
export const addMemberInputSchema = z.object({
  handle,
  name: z.string().trim().min(1).max(200),
  email: z.email().max(320),
  role: roleSchema,
  groups: z.array(z.string().min(1).max(200)).max(50).default([]),
});
/** Input of `identities.updateMember`. Handles never change. */
export const updateMemberInputSchema = z.object({
  id: z.uuid(),
  role: roleSchema.optional(),
  groups: z.array(z.string().min(1).max(200)).max(50).optional(),
});
/** Input of `identities.addAgent`. */
export const addAgentInputSchema = z.object({
  handle,
  name: z.string().trim().min(1).max(200),
  model: z.string().trim().max(200).optional(),
  /** handle of the person it acts for */
  onBehalfOf: z.string().max(200).optional(),
  groups: z.array(z.string().min(1).max(200)).max(50).default([]),
});
