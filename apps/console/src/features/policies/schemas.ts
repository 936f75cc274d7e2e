import { z } from "zod";
import { pageOf } from "../../server/paging.ts";

/** The three sets of SYSTEM.md. */
export const policySetNameSchema = z.enum(["guardrails", "access", "obligations"]);
/** One of the three sets. */
export type PolicySetName = z.infer<typeof policySetNameSchema>;

const setText = z.string().max(1_000_000);
/** Cedar text of the three sets. */
export const policySetsSchema = z.object({ guardrails: setText, access: setText, obligations: setText });

/** One policy of a version, as text and as what its annotations say. */
export const policyOutlineSchema = z.object({
  id: z.string(),
  set: policySetNameSchema,
  effect: z.enum(["permit", "forbid"]),
  description: z.string().nullable(),
  annotations: z.record(z.string(), z.string()),
  text: z.string(),
});

const personSchema = z.object({ handle: z.string(), name: z.string() });

/** One published state. Times are ISO 8601 in UTC. */
export const policyVersionSchema = z.object({
  version: z.number().int(),
  note: z.string(),
  author: personSchema.nullable(),
  createdAt: z.string(),
  sets: policySetsSchema,
  policies: z.array(policyOutlineSchema),
  /** how far it has travelled: enforcers whose applied bundle carries this version or a newer one */
  rollout: z.object({ applied: z.number(), total: z.number() }),
  current: z.boolean(),
});
/** One line of the history. */
export const policyVersionRowSchema = z.object({
  version: z.number().int(),
  note: z.string(),
  author: personSchema.nullable(),
  createdAt: z.string(),
  added: z.number(),
  removed: z.number(),
  changed: z.number(),
  current: z.boolean(),
});
/** A page of the history, newest first. */
export const policyVersionPageSchema = pageOf(policyVersionRowSchema);
/** Input of everything that names a version. */
export const versionInputSchema = z.object({ version: z.number().int().positive() });

/** Where something is wrong, and what would fix it. Offsets count UTF-16 code units from 0, lines and columns from 1. */
export const policyProblemSchema = z.object({
  set: policySetNameSchema,
  policyId: z.string().nullable(),
  severity: z.enum(["error", "warning"]),
  message: z.string(),
  help: z.string().nullable(),
  from: z.number().int(),
  to: z.number().int(),
  line: z.number().int(),
  column: z.number().int(),
});
/** Where something is wrong. */
export type PolicyProblem = z.infer<typeof policyProblemSchema>;

/** Input of `policies.check`. */
export const checkInputSchema = z.object({ sets: policySetsSchema });
/** The official engine's opinion. `ok` means it may be published (warnings do not stop it). */
export const checkedSchema = z.object({
  ok: z.boolean(),
  problems: z.array(policyProblemSchema),
  policies: z.array(policyOutlineSchema),
});
/** Input of `policies.format`. */
export const formatInputSchema = z.object({ set: policySetNameSchema, text: setText });
/** The formatted text, or the problems that prevent it (then `text` is as given). */
export const formattedSchema = z.object({ text: z.string(), problems: z.array(policyProblemSchema) });

/** Input of `policies.publish`. Refused when somebody else published after `baseVersion`. */
export const publishInputSchema = z.object({
  sets: policySetsSchema,
  note: z.string().trim().max(500).default(""),
  baseVersion: z.number().int().nonnegative(),
});
/** The version that was made. */
export const publishedSchema = z.object({ version: z.number().int() });
/** Input of `policies.rollback`: a new, higher version with the old content. */
export const rollbackInputSchema = z.object({
  version: z.number().int().positive(),
  note: z.string().trim().max(500).default(""),
});

/** Input of `policies.diff`; `from` 0 is the empty set. */
export const diffInputSchema = z.object({ from: z.number().int().nonnegative(), to: z.number().int().positive() });
/** What changed between two versions, policy by policy and as whole texts. */
export const policyDiffSchema = z.object({
  from: z.number().int(),
  to: z.number().int(),
  sets: z.object({
    guardrails: z.object({ before: z.string(), after: z.string() }),
    access: z.object({ before: z.string(), after: z.string() }),
    obligations: z.object({ before: z.string(), after: z.string() }),
  }),
  policies: z.array(
    z.object({
      id: z.string(),
      set: policySetNameSchema,
      change: z.enum(["added", "removed", "changed"]),
      before: z.string().nullable(),
      after: z.string().nullable(),
    }),
  ),
});

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
