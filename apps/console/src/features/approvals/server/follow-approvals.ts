import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { approvalEventSchema } from "../schemas.ts";

/** The inbox now and after each change, until the signal. */
export async function* followApprovals(
  _deps: Deps,
  _scope: OrgScope,
  _signal: AbortSignal | undefined,
): AsyncGenerator<{ id: string; event: z.infer<typeof approvalEventSchema> }> {}
