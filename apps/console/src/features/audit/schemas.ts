import { z } from "zod";
import { pageInputSchema, pageOf } from "../../server/paging.ts";

/** The verdict words of the product. */
export const verdictSchema = z.enum(["allow", "mask", "ask", "deny"]);
/** How an exchange stands. */
export const exchangeStatusSchema = z.enum(["running", "ok", "refused", "error", "aborted"]);
/** Who did it, as recorded. `id` is the Cedar id (the handle). */
export const recordPrincipalSchema = z.object({ type: z.string(), id: z.string(), name: z.string() });

/** One line of the audit list and of the live feed. Times are ISO 8601 in UTC. */
export const recordRowSchema = z.object({
  id: z.uuid(),
  at: z.string(),
  kind: z.enum(["exchange", "session", "change"]),
  enforcerId: z.string(),
  seq: z.number().int(),
  sessionId: z.string().nullable(),
  resource: z.object({ id: z.string(), name: z.string() }).nullable(),
  principal: recordPrincipalSchema,
  /** handle of the person an agent acted for */
  onBehalfOf: z.string().nullable(),
  verdict: verdictSchema,
  status: exchangeStatusSchema,
  actions: z.array(z.string()),
  objects: z.array(z.string()),
  classes: z.array(z.string()),
  policies: z.array(z.string()),
  reason: z.string().nullable(),
  /** at most 2,000 characters here; the detail holds all that was recorded */
  statement: z.string().nullable(),
  statementCut: z.boolean(),
  rows: z.number().nullable(),
  maskedCells: z.number().nullable(),
  durationUs: z.number().nullable(),
  error: z.string().nullable(),
  approvalId: z.string().nullable(),
  bundleVersion: z.number().nullable(),
});
/** One line of the audit list and of the live feed. */
export type RecordRow = z.infer<typeof recordRowSchema>;

/** What narrows a search. Lists are any-of; every field given must hold. */
export const recordFilterSchema = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  verdicts: z.array(verdictSchema).max(4).optional(),
  kinds: z
    .array(z.enum(["exchange", "session", "change"]))
    .max(3)
    .optional(),
  /** handle; matches who acted and for whom */
  principal: z.string().max(200).optional(),
  /** name */
  resource: z.string().max(200).optional(),
  action: z.string().max(200).optional(),
  dataClass: z.string().max(200).optional(),
  policy: z.string().max(200).optional(),
  sessionId: z.uuid().optional(),
  approvalId: z.uuid().optional(),
  /** a piece of the statement, case-insensitive */
  text: z.string().max(500).optional(),
});
/** What narrows a search. */
export type RecordFilter = z.infer<typeof recordFilterSchema>;

/** Input of `audit.search`. */
export const searchInputSchema = pageInputSchema.extend(recordFilterSchema.shape);
/** One page of records, newest first. */
export const recordPageSchema = pageOf(recordRowSchema);

/** Input of `audit.record`. */
export const recordInputSchema = z.object({ id: z.uuid() });

/** A policy that took part in a verdict, as it stood in the version that decided. */
export const decidingPolicySchema = z.object({
  id: z.string(),
  set: z.enum(["guardrails", "access", "obligations"]).nullable(),
  effect: z.enum(["permit", "forbid"]).nullable(),
  description: z.string().nullable(),
  /** null when the version is no longer known */
  text: z.string().nullable(),
});

/** One decided pair. */
export const recordDecisionSchema = z.object({
  action: z.string(),
  resource: z.object({ type: z.string(), id: z.string() }),
  verdict: z.enum(["allow", "ask", "deny"]),
  code: z.string().nullable(),
  policies: z.array(z.string()),
});

/** All of one record, with what explains it. */
export const recordDetailSchema = recordRowSchema.extend({
  statementDigest: z.string().nullable(),
  principals: z.array(recordPrincipalSchema),
  client: z.object({ ip: z.string(), application: z.string(), protocol: z.string() }).nullable(),
  facts: z
    .object({
      command: z.string(),
      reads: z.array(z.string()),
      writes: z.array(z.string()),
      functions: z.array(z.string()),
      classes: z.array(z.string()),
      flags: z.array(z.string()),
    })
    .nullable(),
  decisions: z.array(recordDecisionSchema),
  obligations: z.record(z.string(), z.unknown()),
  /** in plain words, what would have allowed it; empty when it was allowed */
  wouldAllow: z.array(z.string()),
  decidingPolicies: z.array(decidingPolicySchema),
  policyVersion: z.number().nullable(),
  approval: z
    .object({
      id: z.string(),
      outcome: z.enum(["approved", "refused", "expired", "withdrawn"]),
      approvers: z.array(z.string()),
    })
    .nullable(),
  outcome: z
    .object({
      bytes: z.number(),
      decideUs: z.number(),
      tag: z.string().nullable(),
      maskedCellsByClass: z.record(z.string(), z.number()),
    })
    .nullable(),
  change: z
    .object({ action: z.string(), target: z.string(), before: z.unknown().optional(), after: z.unknown().optional() })
    .nullable(),
  proof: z.object({
    enforcerName: z.string().nullable(),
    outcomeSeq: z.number().nullable(),
    receivedAt: z.string(),
    /** the signed chain head that covers this record, hex, when it has arrived */
    chainHead: z.string().nullable(),
  }),
});
/** All of one record, with what explains it. */
export type RecordDetail = z.infer<typeof recordDetailSchema>;

/** What the filter boxes can offer. */
export const facetsSchema = z.object({
  principals: z.array(z.object({ type: z.string(), handle: z.string(), name: z.string() })),
  resources: z.array(z.string()),
  actions: z.array(z.string()),
  dataClasses: z.array(z.string()),
});
