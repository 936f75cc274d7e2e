import { z } from "zod";

const principalSchema = z.object({
  type: z.enum(["User", "Agent", "Workload", "System"]),
  id: z.string(),
  name: z.string(),
});

const namesSchema = z.array(z.string());

/**
 * What a pair was decided on, beyond what the record says anyway, so that it can be decided again. Names only, never values.
 * Lists that are empty and flags that are off are left out.
 */
const givenSchema = z.object({
  columnsRead: namesSchema.optional(),
  columnsWritten: namesSchema.optional(),
  columnsFiltered: namesSchema.optional(),
  columnsProbed: namesSchema.optional(),
  /** given values that classified columns were compared with */
  testedValues: z.number().int().nonnegative().optional(),
  /** objects that the statement touches */
  objectCount: z.number().int().nonnegative().optional(),
  inTransaction: z.literal(true).optional(),
  /** id of the just-in-time grant that covered this pair */
  grant: z.string().optional(),
  /** where a request holds several statements: the one of this pair */
  statement: z.object({ command: z.string(), functions: namesSchema, flags: namesSchema }).optional(),
  /** of unmask: the table (`public.customers`) and column that hold the value */
  table: z.string().optional(),
  column: z.string().optional(),
});

/** One decided (action, resource) pair as it was recorded. */
const decisionSchema = z.object({
  action: z.string(),
  resource: z.object({ type: z.string(), id: z.string() }),
  verdict: z.enum(["allow", "ask", "deny"]),
  code: z.string().optional(),
  policies: z.array(z.string()),
  /** absent where it does not fit into the record, and from enforcers that do not know it */
  given: givenSchema.optional(),
});

/** How an exchange ended. */
export const outcomeSchema = z.object({
  status: z.enum(["ok", "refused", "error", "aborted"]),
  rows: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  /** data class → cells */
  maskedCells: z.record(z.string(), z.number().int().nonnegative()),
  durationUs: z.number().int().nonnegative(),
  decideUs: z.number().nonnegative(),
  error: z.string().optional(),
  /** e.g. UPDATE 1 */
  tag: z.string().optional(),
});

/**
 * One audited exchange, session event or change. Written as one JSON line; the same form in the spool, on the wire
 * and in Postgres. Times are milliseconds since 1970 UTC, durations microseconds.
 */
export const recordSchema = z.object({
  v: z.literal(1),
  kind: z.enum(["exchange", "session", "change"]),
  id: z.uuid(),
  orgId: z.uuid(),
  siteId: z.uuid().optional(),
  enforcerId: z.uuid(),
  /** per enforcer, from 1, without a gap */
  seq: z.number().int().positive(),
  atMs: z.number().int(),
  sessionId: z.uuid().optional(),
  /** the chain: who acted, then for whom */
  principals: z.array(principalSchema).min(1).max(4),
  client: z.object({ ip: z.string(), application: z.string(), protocol: z.string() }).optional(),
  resource: z.object({ id: z.string(), name: z.string(), kind: z.string() }).optional(),
  statement: z.string().max(65_536).optional(),
  /** sha-256 (hex) of the whole statement text, also when `statement` was cut */
  statementDigest: z.string().optional(),
  facts: z
    .object({
      command: z.string(),
      reads: z.array(z.string()),
      writes: z.array(z.string()),
      functions: z.array(z.string()),
      classes: z.array(z.string()),
      flags: z.array(z.string()),
    })
    .optional(),
  /** the whole exchange's: the strictest of its decisions; `mask` is an allow that hid something */
  verdict: z.enum(["allow", "mask", "ask", "deny"]),
  reason: z.string().optional(),
  /** in plain words, what would have allowed it */
  advice: z.string().optional(),
  decisions: z.array(decisionSchema),
  obligations: z.record(z.string(), z.unknown()).optional(),
  bundleVersion: z.number().int().nonnegative(),
  approval: z
    .object({
      id: z.uuid(),
      outcome: z.enum(["approved", "refused", "expired", "withdrawn"]),
      approvers: z.array(z.string()),
    })
    .optional(),
  /** present when the exchange ended with its decision (refused); else it follows as an entry of kind "outcome" */
  outcome: outcomeSchema.optional(),
  /** for kind change: what was done to what, with before and after */
  change: z
    .object({ action: z.string(), target: z.string(), before: z.unknown().optional(), after: z.unknown().optional() })
    .optional(),
});

/** The parsed record. */
export type LedgerRecord = z.infer<typeof recordSchema>;

/**
 * Completes an earlier record: an allowed exchange is two entries of the spool, its intent (the record, written before
 * the permit exists) and its outcome. Both take a sequence number; the database keeps one row with both numbers.
 */
export const outcomeEntrySchema = z.object({
  v: z.literal(1),
  kind: z.literal("outcome"),
  id: z.uuid(),
  orgId: z.uuid(),
  enforcerId: z.uuid(),
  seq: z.number().int().positive(),
  /** seq and atMs of the record that it completes */
  ofSeq: z.number().int().positive(),
  ofAtMs: z.number().int(),
  atMs: z.number().int(),
  verdict: z.enum(["allow", "mask", "ask", "deny"]),
  reason: z.string().optional(),
  approval: recordSchema.shape.approval,
  outcome: outcomeSchema,
});

/** One line of the spool and of a batch. */
export const ledgerEntrySchema = z.discriminatedUnion("kind", [recordSchema, outcomeEntrySchema]);

/** The parsed entry. */
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;
/** The parsed outcome entry. */
export type OutcomeEntry = z.infer<typeof outcomeEntrySchema>;

/** What an approver is shown and the approval is bound to. */
export const approvalSubjectSchema = z.object({
  resource: z.object({ id: z.string(), name: z.string() }),
  principals: z.array(principalSchema).min(1),
  statement: z.string(),
  parameters: z.array(z.string().nullable()),
  actions: z.array(z.object({ action: z.string(), resource: z.string() })),
  facts: recordSchema.shape.facts,
  sessionId: z.uuid(),
  bundleVersion: z.number().int(),
  /** session settings that change what the statement means (search_path, role …) */
  settings: z.record(z.string(), z.string()).optional(),
});

/** The parsed approval subject. */
export type ApprovalSubject = z.infer<typeof approvalSubjectSchema>;
