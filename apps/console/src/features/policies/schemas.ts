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
  /** the second person, where one was needed */
  approvedBy: personSchema.nullable(),
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

/** How the end of a recorded exchange differs under a candidate, gravest for the org first. */
export const flipKindSchema = z.enum([
  "masked_to_clear",
  "refused_to_allowed",
  "asked_to_allowed",
  "refused_to_asked",
  "allowed_to_refused",
  "asked_to_refused",
  "allowed_to_asked",
  "clear_to_masked",
  "terms",
]);
/** How long a span of recorded decisions is replayed; `week` is what the publish rule counts over. */
export const impactSpanSchema = z.enum(["hour", "day", "week", "custom"]);
/** One choice of span. */
export type ImpactSpan = z.infer<typeof impactSpanSchema>;
/** Why a record cannot be decided again. */
export const unreplayableReasonSchema = z.enum([
  /** refused before policy was asked: nothing was decided */
  "undecided",
  /** recorded by an enforcer that did not keep what is needed, or too wide to be kept */
  "incomplete",
  "principal_gone",
  "resource_gone",
]);
/** Why a record cannot be decided again. */
export type UnreplayableReason = z.infer<typeof unreplayableReasonSchema>;

const flipCountsSchema = z.partialRecord(flipKindSchema, z.number().int().positive());
const impactGroupSchema = z.object({ name: z.string(), records: z.number().int(), kinds: flipCountsSchema });
/** What a replay found. Counts are of exchanges that were replayed, not of single decisions. */
export const impactResultSchema = z.object({
  /** exchanges of the span */
  records: z.number().int(),
  /** of these, how many were looked at: all, or an even sample */
  sampled: z.number().int(),
  replayed: z.number().int(),
  unreplayable: z.partialRecord(unreplayableReasonSchema, z.number().int()),
  /** exchanges that would end otherwise than with the version in force */
  changed: z.number().int(),
  /** … and than with the anchor, where that is another version */
  changedSinceAnchor: z.number().int(),
  kinds: flipCountsSchema,
  /** most flips first, bounded */
  byPolicy: z.array(impactGroupSchema),
  byPrincipal: z.array(impactGroupSchema),
  byResource: z.array(impactGroupSchema),
  examples: z.array(
    z.object({
      recordId: z.string(),
      at: z.string(),
      kind: flipKindSchema,
      principal: z.string(),
      policies: z.array(z.string()),
      resources: z.array(z.string()),
    }),
  ),
  tookMs: z.number().int(),
});
/** What a replay found. */
export type ImpactResult = z.infer<typeof impactResultSchema>;

/** Input of `policies.impact.start`. A custom span ends at `to` and lasts at most 31 days. Times are ISO 8601. */
export const startImpactInputSchema = z.object({
  sets: policySetsSchema,
  span: impactSpanSchema.default("week"),
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
});
/** Input of everything that names an impact. */
export const impactInputSchema = z.object({ id: z.uuid() });
/** Input of `policies.impact.stream`. */
export const impactStreamInputSchema = impactInputSchema.extend({ lastEventId: z.string().max(100).nullish() });
/** Whether one person may publish a candidate alone, as things stand. */
export const publishRuleSchema = z.object({
  /** flips of the rule's span that one person may cause alone */
  flipsMax: z.number().int(),
  /** set when two people are needed: why, in a sentence */
  needsSecond: z.string().nullable(),
});
/** One replay: how far it is, and what it found. */
export const impactSchema = z.object({
  id: z.uuid(),
  digest: z.string(),
  baseVersion: z.number().int(),
  anchorVersion: z.number().int(),
  span: impactSpanSchema,
  from: z.string(),
  to: z.string(),
  status: z.enum(["queued", "running", "done", "cancelled", "failed"]),
  seen: z.number().int(),
  total: z.number().int(),
  /** of all exchanges of the span, an estimate where a sample was replayed */
  flips: z.number().int().nullable(),
  error: z.string().nullable(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
  result: impactResultSchema.nullable(),
  /** of the examples that the reader may see: who asked what */
  statements: z.record(z.string(), z.string()),
  /** absent unless done and over the rule's span */
  rule: publishRuleSchema.nullable(),
});
/** One replay. */
export type Impact = z.infer<typeof impactSchema>;

/** Input of `policies.requests.open`: a text to publish, or an old version to go back to. */
export const openRequestInputSchema = z.union([publishInputSchema, rollbackInputSchema]);
/** Input of everything that names a publish request. */
export const requestInputSchema = z.object({ id: z.uuid() });
/** Input of `policies.requests.decide`: the digest is of what was shown. */
export const decideRequestInputSchema = z.object({
  id: z.uuid(),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  approved: z.boolean(),
  reason: z.string().trim().max(500).default(""),
});
/** A publish that waits, or waited, for a second person. Times are ISO 8601 in UTC. */
export const publishRequestSchema = z.object({
  id: z.uuid(),
  digest: z.string(),
  action: z.enum(["policy.publish", "policy.rollback"]),
  note: z.string(),
  baseVersion: z.number().int(),
  impactId: z.uuid(),
  flips: z.number().int(),
  requester: personSchema,
  status: z.enum(["waiting", "approved", "refused", "withdrawn", "expired"]),
  decidedBy: personSchema.nullable(),
  reason: z.string(),
  /** the version that the approval published */
  version: z.number().int().nullable(),
  createdAt: z.string(),
  expiresAt: z.string(),
  decidedAt: z.string().nullable(),
  /** the reader asked for it */
  own: z.boolean(),
  /** why the reader cannot decide it; null when they can */
  cannotDecide: z.string().nullable(),
});
/** A publish that waits, or waited, for a second person. */
export type PublishRequestView = z.infer<typeof publishRequestSchema>;
/** All that wait, and the newest of the others. */
export const publishRequestListSchema = z.object({ items: z.array(publishRequestSchema) });
/** One with all that is needed to decide it. */
export const publishRequestDetailSchema = publishRequestSchema.extend({
  sets: z.object({
    guardrails: z.object({ before: z.string(), after: z.string() }),
    access: z.object({ before: z.string(), after: z.string() }),
    obligations: z.object({ before: z.string(), after: z.string() }),
  }),
  impact: impactSchema,
});

/** The org's rule for publishing. */
export const flipsRuleSchema = z.object({
  /** flips of the last week that one person may cause alone */
  flipsMax: z.number().int(),
  /** a higher number that was set and does not hold yet */
  next: z.object({ flipsMax: z.number().int(), from: z.string() }).nullable(),
  /** members who could approve a publish of the reader */
  others: z.number().int(),
});
/** Input of `policies.rule.update`. */
export const updateRuleInputSchema = z.object({ flipsMax: z.number().int().min(0).max(1_000_000) });
