import { z } from "zod";

/** One enforcer: applied against desired. Times are ISO 8601 in UTC. */
export const enforcerRowSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  site: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
  status: z.enum(["pending", "online", "offline", "banned"]),
  /** whether it applies what it should, in one word and one sentence */
  current: z.boolean(),
  problem: z.string().nullable(),
  version: z.string().nullable(),
  hostname: z.string().nullable(),
  desiredVersion: z.number().nullable(),
  appliedVersion: z.number().nullable(),
  appliedAt: z.string().nullable(),
  refusedReason: z.string().nullable(),
  /** the bundle that it refused since the last good one, why, since when, and what to do */
  refused: z
    .object({
      version: z.number().nullable(),
      code: z.string(),
      reason: z.string(),
      since: z.string().nullable(),
      nextStep: z.string(),
    })
    .nullable(),
  /** its records cannot join the ledger: why, and since when */
  recordsRefused: z.object({ reason: z.string(), since: z.string().nullable() }).nullable(),
  lastSeenAt: z.string().nullable(),
  sessions: z.number(),
  spoolBytes: z.number(),
  certificateEndsAt: z.string().nullable(),
  listeners: z.array(z.object({ resourceId: z.string(), resource: z.string().nullable(), address: z.string() })),
});
/** One enforcer. */
export type EnforcerRow = z.infer<typeof enforcerRowSchema>;
/** All enforcers by site and name, and where new ones can run. */
export const enforcerListSchema = z.object({
  items: z.array(enforcerRowSchema),
  sites: z.array(z.object({ id: z.uuid(), slug: z.string(), name: z.string() })),
});
/** Input of everything that names an enforcer. */
export const enforcerInputSchema = z.object({ id: z.uuid() });
/** One enforcer with its history. */
export const enforcerDetailSchema = enforcerRowSchema.extend({
  ackedSeq: z.number(),
  chainHead: z.string().nullable(),
  certificateSerial: z.string().nullable(),
  appliedDigest: z.string().nullable(),
  createdAt: z.string(),
  /** newest first, at most 20 */
  bundles: z.array(
    z.object({
      version: z.number(),
      digest: z.string(),
      policyVersion: z.number(),
      cause: z.string(),
      createdAt: z.string(),
    }),
  ),
});
/** Input of `enforcers.createToken`: a new enforcer of a site. */
export const createEnrolTokenInputSchema = z.object({
  siteId: z.uuid(),
  name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, "lower case letters, digits and -, starting with a letter"),
});
/** Shown once: the token and the line that starts the enforcer. */
export const enrolTokenSchema = z.object({
  enforcerId: z.uuid(),
  token: z.string(),
  expiresAt: z.string(),
  command: z.string(),
});
/** Input of `enforcers.ban`. */
export const banInputSchema = z.object({ id: z.uuid(), reason: z.string().trim().min(1).max(500) });
/** The id that was banned. */
export const bannedSchema = z.object({ id: z.uuid() });
