import { z } from "zod";

/** How a class of data is hidden. */
export const maskStrategySchema = z.enum(["null", "redact", "hmac", "format", "partial"]);

/** One guarantee of the product on one resource: kept, or not and why (law 6). */
const guaranteeSchema = z.object({ name: z.string(), kept: z.boolean(), detail: z.string() });

/** One resource in the list. Times are ISO 8601 in UTC. */
export const resourceRowSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  kind: z.string(),
  environment: z.string(),
  site: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
  tags: z.record(z.string(), z.string()),
  /** where clients connect, as the enforcer reported it; null until one listens */
  address: z.string().nullable(),
  database: z.string(),
  enforcers: z.object({ online: z.number(), total: z.number() }),
  classes: z.array(z.object({ name: z.string(), columns: z.number() })),
  relations: z.number(),
  exchanges24h: z.number(),
  refused24h: z.number(),
});
/** All resources, by site and name. */
export const resourceListSchema = z.object({ items: z.array(resourceRowSchema) });
/** Input of `resources.get`. */
export const resourceInputSchema = z.object({ id: z.uuid() });

const hostSchema = z.object({
  host: z
    .string()
    .max(253)
    .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$|^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/, "a host name or IP address"),
  port: z.number().int().min(1).max(65_535),
});
const between = (least: number, most: number) => z.number().int().min(least).max(most);

/** Which of several hosts sessions may use, in the words of libpq's target_session_attrs. */
export const targetSessionSchema = z.enum(["any", "read-write", "read-only", "primary", "standby", "prefer-standby"]);

/** How enforcers reach a resource's upstream; what can be changed of it in the console. Times in milliseconds. */
export const upstreamReachSchema = z.object({
  /** the first is tried first */
  hosts: z.array(hostSchema).min(1, "at least one host").max(16, "at most 16 hosts"),
  targetSession: targetSessionSchema,
  loadBalance: z.boolean(),
  connectTimeoutMs: between(100, 60_000),
  /** one connection waits for the next session, unused, while sessions begin one after another */
  openAhead: z.boolean(),
  pool: z.object({
    enabled: z.boolean(),
    idlePerIdentityMax: between(1, 50),
    idleMax: between(1, 1_000),
    idleMs: between(1_000, 3_600_000),
    ageMs: between(1_000, 86_400_000),
    usesMax: between(2, 100_000),
  }),
});
/** How enforcers reach a resource's upstream. */
export type UpstreamReach = z.infer<typeof upstreamReachSchema>;
/** Input of `resources.saveUpstream`: the whole of it. */
export const saveUpstreamInputSchema = upstreamReachSchema.extend({ id: z.uuid() });

const columnSchema = z.object({ name: z.string(), type: z.string(), classes: z.array(z.string()) });
/** One resource with its tree as the enforcer last saw it. */
export const resourceDetailSchema = resourceRowSchema.extend({
  catalogueAt: z.string().nullable(),
  upstream: upstreamReachSchema.extend({ database: z.string(), tls: z.string() }),
  schemas: z.array(
    z.object({
      name: z.string(),
      relations: z.array(
        z.object({ name: z.string(), kind: z.string(), classes: z.array(z.string()), columns: z.array(columnSchema) }),
      ),
      functions: z.array(z.object({ name: z.string(), volatility: z.string() })),
    }),
  ),
  dataClasses: z.array(
    z.object({ name: z.string(), description: z.string(), strategy: maskStrategySchema, columns: z.number() }),
  ),
  guarantees: z.array(guaranteeSchema),
  connect: z.object({
    host: z.string(),
    port: z.number(),
    database: z.string(),
    user: z.string(),
    /** with `<token>` where the password goes */
    snippets: z.array(z.object({ label: z.string(), language: z.string(), text: z.string() })),
  }),
});
/** One resource with its tree. */
export type ResourceDetail = z.infer<typeof resourceDetailSchema>;

/** Input of `resources.setClass`: the whole list of classes of one column (or `*`); empty clears it. */
export const setClassInputSchema = z.object({
  resourceId: z.uuid(),
  schema: z.string().min(1).max(200),
  table: z.string().min(1).max(200),
  column: z.string().min(1).max(200),
  classes: z.array(z.string().min(1).max(100)).max(20),
});
/** What the column carries now. */
export const columnClassesSchema = z.object({ classes: z.array(z.string()) });

/** Input of `resources.saveDataClass`: makes a class or changes how it is hidden. */
export const saveDataClassInputSchema = z.object({
  name: z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, "lower case letters, digits, - and _, starting with a letter"),
  description: z.string().trim().max(500).default(""),
  strategy: maskStrategySchema,
});
/** The class as stored. */
export const dataClassSchema = z.object({ name: z.string(), description: z.string(), strategy: maskStrategySchema });
