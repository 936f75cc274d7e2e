import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { LiveEvent, liveInputSchema } from "../schemas.ts";

/** Records as they are committed, from `input.lastEventId` on, until the signal. */
export async function* followRecords(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof liveInputSchema>,
  _signal: AbortSignal | undefined,
): AsyncGenerator<{ id: string; event: LiveEvent }> {}
