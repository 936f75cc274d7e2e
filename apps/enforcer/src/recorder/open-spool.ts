import { err, ok, type Result } from "@sluice/kernel";
import { logger } from "@sluice/telemetry";
import { Spool } from "./spool.ts";
import type { SpoolOptions } from "./spool-options.ts";
import { recoverSpool, type SpoolRecoveryError } from "./spool-recovery.ts";

const log = logger("enforcer.recorder");

/**
 * Opens the spool of a directory, new or left by another life: cuts a torn tail, completes what was running as aborted,
 * goes on with the next number and the same chain. One process at a time.
 */
export function openSpool(options: SpoolOptions): Result<Spool, SpoolRecoveryError> {
  const recovered = recoverSpool(options.io, options.directory);
  if (!recovered.ok) {
    log.error({ code: recovered.error.code, reason: recovered.error.internal }, "spool.refused");
    return err(recovered.error);
  }
  const { nextSeq, open, cutBytes, closed } = recovered.value;
  log.info({ nextSeq, aborted: open.length, cutBytes, files: closed.length + 1 }, "spool.opened");
  return ok(new Spool(options, recovered.value));
}
