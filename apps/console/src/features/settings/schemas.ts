import { z } from "zod";
import { permissionSchema, roleSchema } from "../../server/auth/permissions.ts";

/** An OpenID Connect provider as the console shows it: the secret never leaves the server. */
export const identityConnectionSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  enabled: z.boolean(),
  /** people are let in by e-mail although the provider does not say that it verified the address */
  trustsEmail: z.boolean(),
  /** give it to the provider */
  redirectUri: z.string(),
});
/** What an org has set. Times are ISO 8601 in UTC. */
export const settingsSchema = z.object({
  org: z.object({ id: z.uuid(), slug: z.string(), name: z.string(), createdAt: z.string() }),
  sites: z.array(z.object({ id: z.uuid(), slug: z.string(), name: z.string() })),
  connections: z.array(identityConnectionSchema),
  keys: z.array(
    z.object({ id: z.uuid(), purpose: z.string(), algorithm: z.string(), keyId: z.string(), createdAt: z.string() }),
  ),
  workflows: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      description: z.string(),
      timeoutS: z.number(),
      steps: z.array(z.object({ group: z.string(), count: z.number() })),
    }),
  ),
  roles: z.array(z.object({ role: roleSchema, permissions: z.array(permissionSchema), members: z.number() })),
});
/** Input of `settings.update`. */
export const updateSettingsInputSchema = z.object({ name: z.string().trim().min(1).max(200) });
/** The org as it is called now. */
export const orgNameSchema = z.object({ name: z.string() });

/** Own API tokens, newest first. */
export const apiTokenListSchema = z.object({
  items: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      createdAt: z.string(),
      expiresAt: z.string(),
      revokedAt: z.string().nullable(),
    }),
  ),
});
/** Input of `apiTokens.create`. */
export const createApiTokenInputSchema = z.object({
  name: z.string().trim().min(1).max(100),
  days: z.number().int().min(1).max(365).default(30),
});
/** Shown once. */
export const apiTokenSchema = z.object({ id: z.uuid(), token: z.string(), expiresAt: z.string() });
/** Input of `apiTokens.revoke`. */
export const apiTokenInputSchema = z.object({ id: z.uuid() });
/** The id that no longer works. */
export const apiTokenRevokedSchema = z.object({ id: z.uuid() });

const issuerUrl = z.url({ protocol: /^https?$/ }).max(500);

/** Input of `identityConnection.update`; without `clientSecret` the stored one stays. */
export const updateConnectionInputSchema = z.object({
  id: z.uuid().optional(),
  name: z.string().trim().min(1).max(100),
  issuer: issuerUrl,
  clientId: z.string().trim().min(1).max(300),
  clientSecret: z.string().min(1).max(1_000).optional(),
  enabled: z.boolean().default(true),
  trustsEmail: z.boolean().default(false),
});
/** Input of `identityConnection.test`: an address to try before saving. */
export const testConnectionInputSchema = z.object({ issuer: issuerUrl });
/** What was tried, in order, and how each went. */
export const connectionTestSchema = z.object({
  ok: z.boolean(),
  steps: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
});
