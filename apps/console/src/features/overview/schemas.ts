import { z } from "zod";

const countsSchema = z.object({ allow: z.number(), mask: z.number(), ask: z.number(), deny: z.number() });

/** Everything the first page answers. Times are ISO 8601 in UTC. */
export const overviewSchema = z.object({
  at: z.string(),
  /** one point a minute for the last hour, oldest first, minutes without exchanges included */
  perMinute: z.array(countsSchema.extend({ at: z.string() })),
  last24h: countsSchema.extend({ maskedCells: z.number(), principals: z.number() }),
  approvals: z.object({ waiting: z.number(), waitingForMe: z.number() }),
  enforcers: z.object({
    total: z.number(),
    online: z.number(),
    notCurrent: z.array(
      z.object({
        id: z.uuid(),
        name: z.string(),
        status: z.string(),
        appliedVersion: z.number().nullable(),
        desiredVersion: z.number().nullable(),
        problem: z.string(),
      }),
    ),
  }),
  /** newest first, at most 10 */
  changes: z.array(z.object({ id: z.uuid(), at: z.string(), who: z.string(), what: z.string(), target: z.string() })),
  /** worst first; empty means nothing needs a person */
  attention: z.array(
    z.object({
      kind: z.enum(["approval", "enforcer", "bundle", "policy", "resource", "setup"]),
      severity: z.enum(["info", "warning", "critical"]),
      title: z.string(),
      detail: z.string(),
      /** a path of this console */
      href: z.string(),
    }),
  ),
  topRefusals: z.array(z.object({ policy: z.string(), count: z.number(), reason: z.string().nullable() })),
  policyVersion: z.number().nullable(),
});
/** Everything the first page answers. */
export type Overview = z.infer<typeof overviewSchema>;
