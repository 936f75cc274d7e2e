import { z } from "zod";
import type { WakeTopic } from "./wake.ts";

/** What changed in an org, just enough for a listener to know whether to look again. Never data. */
export const orgEventSchema = z.discriminatedUnion("kind", [
  /** records were committed (or completed) */
  z.object({ kind: z.literal("records"), enforcerId: z.uuid(), throughSeq: z.number().int() }),
  /** an approval began, ended or got a decision */
  z.object({ kind: z.literal("approval"), approvalId: z.uuid(), enforcerId: z.uuid(), status: z.string() }),
  /** a newer bundle is stored */
  z.object({ kind: z.literal("bundle"), siteId: z.uuid(), version: z.number().int() }),
  /** live sessions must end; the durable form is in the next bundle */
  z.object({
    kind: z.literal("revocation"),
    revoked: z.enum(["token", "principal", "grant", "session"]),
    value: z.string(),
    reason: z.string(),
  }),
  /** an enforcer came, went, applied a bundle or was banned */
  z.object({ kind: z.literal("enforcer"), enforcerId: z.uuid() }),
  /** something else was changed in the console or through the API */
  z.object({ kind: z.literal("change"), action: z.string() }),
]);

/** One event of an org. */
export type OrgEvent = z.infer<typeof orgEventSchema>;

/** The channel of one org's events. */
export function orgTopic(orgId: string): WakeTopic<typeof orgEventSchema> {
  return { channel: `sluice:org:${orgId}`, schema: orgEventSchema };
}

const ackedSchema = z.object({ enforcerId: z.uuid(), throughSeq: z.number().int() });

/** Said by the worker after each commit, so that the control process that holds the stream can acknowledge. */
export const ackedTopic: WakeTopic<typeof ackedSchema> = { channel: "sluice:acked", schema: ackedSchema };
