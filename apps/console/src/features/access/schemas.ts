import { z } from "zod";

/** Input of `access.connect`: a token for oneself, or for an agent that acts for oneself. */
export const connectInputSchema = z.object({
  resourceId: z.uuid(),
  agentId: z.uuid().optional(),
  /** seconds; at most a day */
  lifetimeS: z.number().int().min(60).max(86_400).default(28_800),
});
/** Shown once: a ready-made connection. */
export const connectionSchema = z.object({
  tokenId: z.uuid(),
  expiresAt: z.string(),
  host: z.string(),
  port: z.number(),
  database: z.string(),
  user: z.string(),
  password: z.string(),
  url: z.string(),
  /** paste it into a shell */
  psql: z.string(),
});
/** Own access tokens that still work, newest first. Times are ISO 8601 in UTC. */
export const accessTokenListSchema = z.object({
  items: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      principal: z.object({ type: z.string(), handle: z.string() }),
      site: z.string(),
      issuedAt: z.string(),
      expiresAt: z.string(),
    }),
  ),
});
/** Input of `access.revoke`. */
export const accessTokenInputSchema = z.object({ id: z.uuid() });
/** The id that no longer works. */
export const revokedSchema = z.object({ id: z.uuid() });
