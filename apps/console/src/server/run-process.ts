import { logger } from "@sluice/telemetry";

const log = logger("console.process");
/** How long closing may take before the process ends anyway. */
const CLOSE_MS_MAX = 15_000;

/**
 * Runs one process: starts it, and closes it once on SIGTERM or SIGINT (a second signal, or 15 s, end it at once). A start
 * that fails is one log line with the cause, and exit code 1. A promise that nobody handled is logged as the bug it is and
 * does not take the other sessions down.
 */
export async function runProcess(name: string, start: () => Promise<() => Promise<void>>): Promise<void> {
  process.on("unhandledRejection", (error) => log.error({ err: error, process: name }, "process.unhandled_rejection"));
  try {
    const close = await start();
    log.info({ process: name }, "process.started");
    closeOnSignal(name, close);
  } catch (error) {
    log.fatal({ err: error, process: name }, "process.not_started");
    process.exit(1);
  }
}

function closeOnSignal(name: string, close: () => Promise<void>): void {
  let closing = false;
  const end = (signal: string) => {
    if (closing) process.exit(1);
    closing = true;
    log.info({ signal, process: name }, "process.closing");
    setTimeout(() => process.exit(1), CLOSE_MS_MAX).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error, process: name }, "process.close_failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", () => end("SIGTERM"));
  process.on("SIGINT", () => end("SIGINT"));
}
