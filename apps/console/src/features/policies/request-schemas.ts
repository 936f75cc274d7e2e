import { z } from "zod";
import { impactSchema } from "./impact-schemas.ts";
import { changedSetsSchema, changesSchema, personSchema, publishInputSchema, rollbackInputSchema } from "./schemas.ts";

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
  /** the draft that it is about */
  draft: z.number().int().nullable(),
  /** tests that fail, and why whoever asked wants it all the same */
  testsFailed: z.number().int(),
  testsOverride: z.string().nullable(),
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
  sets: changedSetsSchema,
  tests: changesSchema.shape.tests,
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
