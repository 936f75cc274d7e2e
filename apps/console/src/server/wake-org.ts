import { logger } from "@sluice/telemetry";
import type { Deps } from "./deps.ts";
import { orgChannel } from "./wakeups.ts";

const log = logger("console.changes");

/** Tells every process that something in the org changed. Best effort: what was committed stays committed. */
export async function wakeOrg(deps: Pick<Deps, "wakeups">, orgId: string): Promise<void> {
  try {
    await deps.wakeups.publish(orgChannel(orgId));
  } catch (error) {
    log.warn({ err: error, orgId }, "change.wakeup_unsent");
  }
}
