import { z } from "zod";

/**
 * What `npm run up` asks of the console before it starts the processes: that an org exists as described (created, or
 * brought up to date), and tokens for it. Read as JSON from standard input, answered as JSON on standard output.
 */
export const provisionRequestSchema = z.object({
  org: z.object({ slug: z.string(), name: z.string() }),
  site: z.object({ slug: z.string(), name: z.string() }),
  people: z.array(
    z.object({
      handle: z.string(),
      name: z.string(),
      email: z.email().toLowerCase(),
      role: z.string(),
      groups: z.array(z.string()),
    }),
  ),
  agents: z.array(
    z.object({ handle: z.string(), name: z.string(), groups: z.array(z.string()), onBehalfOf: z.string() }),
  ),
  identityProvider: z.object({ name: z.string(), issuer: z.url(), clientId: z.string(), clientSecret: z.string() }),
  resource: z.object({
    name: z.string(),
    kind: z.literal("postgres"),
    environment: z.string(),
    listen: z.object({ host: z.string(), port: z.number().int() }),
    upstream: z.object({
      host: z.string(),
      port: z.number().int(),
      database: z.string(),
      tls: z.enum(["verify-full", "disable"]),
      credentialRef: z.string(),
    }),
    /** schema, table, column and its data class */
    classes: z.array(z.object({ schema: z.string(), table: z.string(), column: z.string(), class: z.string() })),
  }),
  /** of the API tokens and client access tokens that are issued; at most a day */
  tokenSeconds: z.number().int().positive().max(86_400),
  /** the enforcer that shall run; a one-time enrolment token is made when asked for */
  enforcer: z.object({ name: z.string(), enrol: z.boolean() }),
});

/** The parsed request. */
export type ProvisionRequest = z.infer<typeof provisionRequestSchema>;

/** The answer: secrets, for up.json (mode 600) only. */
export const provisionAnswerSchema = z.object({
  orgId: z.uuid(),
  siteId: z.uuid(),
  people: z.record(z.string(), z.object({ id: z.uuid(), apiToken: z.string(), accessToken: z.string() })),
  agents: z.record(z.string(), z.object({ id: z.uuid(), accessToken: z.string() })),
  /** present when it was asked for */
  enrolToken: z.string().optional(),
});

/** The parsed answer. */
export type ProvisionAnswer = z.infer<typeof provisionAnswerSchema>;
