import { z } from "zod";
import { pageInputSchema, pageOf } from "../../server/paging.ts";

/** How an approval stands. */
export const approvalStatusSchema = z.enum(["waiting", "approved", "refused", "expired", "withdrawn"]);

const personSchema = z.object({ handle: z.string(), name: z.string() });

/** One held exchange in a list. Times are ISO 8601 in UTC. */
export const approvalRowSchema = z.object({
  id: z.uuid(),
  status: approvalStatusSchema,
  createdAt: z.string(),
  expiresAt: z.string(),
  decidedAt: z.string().nullable(),
  resource: z.object({ id: z.string(), name: z.string() }),
  principal: z.object({ type: z.string(), handle: z.string(), name: z.string() }),
  /** the person at the end of the chain, who may never decide */
  requester: personSchema.nullable(),
  statement: z.string(),
  actions: z.array(z.object({ action: z.string(), resource: z.string() })),
  workflows: z.array(z.string()),
  /** what the deciders or the system said last */
  reason: z.string().nullable(),
  decisions: z.array(z.object({ by: personSchema, approved: z.boolean(), reason: z.string(), at: z.string() })),
  /** whether the one who asks may decide it now, and if not, why in one sentence */
  mayDecide: z.boolean(),
  whyNot: z.string().nullable(),
});
/** One held exchange in a list. */
export type ApprovalRow = z.infer<typeof approvalRowSchema>;

/** Input of `approvals.list`: what waits for anyone, what I or my agents asked, what was decided. */
export const approvalListInputSchema = pageInputSchema.extend({
  view: z.enum(["waiting", "mine", "decided"]).default("waiting"),
});
/** A page of approvals: waiting oldest first, the others newest first. */
export const approvalPageSchema = pageOf(approvalRowSchema);

/** Input of `approvals.get`. */
export const approvalInputSchema = z.object({ id: z.uuid() });

/** All that an approver needs to see before saying yes. */
export const approvalDetailSchema = approvalRowSchema.extend({
  /** what the decision is bound to; send it back with the decision */
  digest: z.string(),
  parameters: z.array(z.string().nullable()),
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
  sessionId: z.string(),
  bundleVersion: z.number(),
  steps: z.array(
    z.object({ workflow: z.string(), group: z.string(), needed: z.number(), approvedBy: z.array(personSchema) }),
  ),
  /** other waiting or decided asks of the same principal in the last day */
  recentByPrincipal: z.number(),
  /** the audit record of the exchange, once it has arrived */
  recordId: z.string().nullable(),
});
/** All that an approver needs to see. */
export type ApprovalDetail = z.infer<typeof approvalDetailSchema>;

/** Input of `approvals.decide`. The digest proves that what is decided is what was shown. */
export const decideInputSchema = z.object({
  id: z.uuid(),
  approved: z.boolean(),
  digest: z.string().min(1).max(128),
  reason: z.string().trim().max(1_000).default(""),
});

/** Input of `approvals.stream`. */
export const approvalStreamInputSchema = z.object({ lastEventId: z.string().max(400).nullish() });

/** Something about approvals changed: read the lists again. */
export const approvalEventSchema = z.object({
  waiting: z.number(),
  waitingForMe: z.number(),
  /** the newest asks still waiting, newest first, at most 20 */
  newest: z.array(approvalRowSchema),
});
