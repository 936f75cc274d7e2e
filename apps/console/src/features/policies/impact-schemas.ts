import { z } from "zod";
import { policySetsSchema } from "./schemas.ts";

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
