import { z } from "zod";
import { policyOutlineSchema, policySetsSchema } from "./schemas.ts";

/** What the editor can complete and the question forms can offer. */
export const vocabularySchema = z.object({
  actions: z.array(z.object({ id: z.string(), resourceTypes: z.array(z.string()), groups: z.array(z.string()) })),
  entityTypes: z.array(z.object({ name: z.string(), attributes: z.array(z.string()) })),
  contextFields: z.array(z.string()),
  annotations: z.array(z.object({ name: z.string(), help: z.string() })),
  groups: z.array(z.string()),
  users: z.array(z.string()),
  agents: z.array(z.string()),
  databases: z.array(z.string()),
  tables: z.array(z.string()),
  dataClasses: z.array(z.string()),
  workflows: z.array(z.string()),
});

/** What a question assumes of the exchange; the rest is neutral (a bounded SELECT of nothing, TLS, now). */
export const assumptionsSchema = z.object({
  unbounded: z.boolean().default(false),
  opaque: z.boolean().default(false),
  multiStatement: z.boolean().default(false),
  inTransaction: z.boolean().default(false),
  command: z.string().max(100).optional(),
  classesRead: z.array(z.string().max(200)).max(100).default([]),
  /** workflows that are assumed to have been approved */
  approvedWorkflows: z.array(z.string().max(200)).max(20).default([]),
  /** for `unmask`: the table (`shop/public.customers`) and column that hold the value */
  table: z.string().max(500).optional(),
  column: z.string().max(200).optional(),
});
const resourceRefSchema = z.object({
  type: z.enum(["Database", "Schema", "Table", "Function", "DataClass"]),
  /** as in policies: `shop`, `shop/public.customers`, `email` */
  id: z.string().min(1).max(500),
});
/** Input of `policies.explain`: one question about the current version, or about a candidate text. */
export const explainInputSchema = z.object({
  principal: z.object({ type: z.enum(["User", "Agent"]), handle: z.string().min(1).max(200) }),
  action: z.string().min(1).max(200),
  resource: resourceRefSchema,
  assume: assumptionsSchema.prefault({}),
  sets: policySetsSchema.optional(),
});
/** A verdict in the words of the product, masks apart. */
const verdictKind = z.enum(["allow", "ask", "deny"]);
/** Why, for people. */
export const explanationSchema = z.object({
  verdict: verdictKind,
  code: z.string().nullable(),
  workflows: z.array(z.string()),
  determining: z.array(z.string()),
  policies: z.array(
    policyOutlineSchema.extend({
      /** whom it was asked about: the principal, or the person it acts for, as `User::"ana"` */
      principal: z.string(),
      outcome: z.enum(["satisfied", "not_satisfied", "error"]),
      reads: z.array(z.string()),
    }),
  ),
  wouldAllow: z.array(z.string()),
  /** what the explanation leaves out to bound its cost; empty when it is complete */
  leftOut: z.array(z.string()),
  /** the person's part when an agent acts for somebody */
  onBehalfOf: z.string().nullable(),
});
/** Input of `policies.whoCan`. */
export const whoCanInputSchema = explainInputSchema.omit({ principal: true });
/** Everybody who would be allowed or asked, people first. */
export const whoCanSchema = z.object({
  principals: z.array(
    z.object({
      type: z.string(),
      handle: z.string(),
      name: z.string(),
      onBehalfOf: z.string().nullable(),
      verdict: verdictKind,
      workflows: z.array(z.string()),
      policies: z.array(z.string()),
    }),
  ),
  /** how many were asked about */
  considered: z.number(),
});
