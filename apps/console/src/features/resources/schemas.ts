import { z } from "zod";

/** How a class of data is hidden. */
export const maskStrategySchema = z.enum(["null", "redact", "hmac", "partial"]);

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

const columnSchema = z.object({ name: z.string(), type: z.string(), classes: z.array(z.string()) });
/** One resource with its tree as the enforcer last saw it. */
export const resourceDetailSchema = resourceRowSchema.extend({
  catalogueAt: z.string().nullable(),
  upstream: z.object({ host: z.string(), port: z.number(), database: z.string(), tls: z.string() }),
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
