import { systemClock } from "@sluice/kernel";
import { configureLogs, errorFields, logger } from "@sluice/telemetry";
import { connectControl } from "./control/connect.ts";
import { readEnv } from "./env.ts";
import { loadSqlAnalysis } from "./languages/sql/index.ts";
import { takePriority } from "./launch/priority.ts";
import { planCopyMasks, planRowMasks } from "./masking/index.ts";
import { protocols } from "./protocols/registry.ts";
import { SiteHosts } from "./site-hosts.ts";

const VERSION = "0.1.0";
/** How long running exchanges may take to end after SIGTERM. */
const DRAIN_MS = 10_000;
/** The listener's certificate is read again this often. */
const CERTIFICATE_CHECK_MS = 60_000;
const log = logger("enforcer");

/** Runs an enforcer until it is told to stop. `notLean` is why the process takes more memory than it should. */
export async function main(notLean?: string): Promise<void> {
  const env = readEnv();
  if (!env.ok) return stop(`configuration: ${env.error.internal}`);
  configureLogs({ level: env.value.logLevel });
  if (notLean !== undefined) log.warn({ reason: notLean }, "enforcer.not_lean");
  const notFirst = takePriority(env.value.nice);
  if (notFirst !== undefined) log.info({ nice: env.value.nice, reason: notFirst }, "enforcer.priority_refused");
  const analysis = await loadSqlAnalysis();
  const control = await connectControl({
    address: env.value.controlAddress,
    serverCaPem: env.value.controlCaPem,
    stateDir: env.value.stateDir,
    enrolToken: env.value.enrolToken,
    spoolBytesMax: env.value.spoolBytesMax,
    version: VERSION,
    hostname: env.value.hostname,
    clock: systemClock,
  });
  if (!control.ok) return stop(`${control.error.code}: ${control.error.internal}`);
  const plane = control.value;
  const certificate = certificateOf(env.value);
  const hosts = new SiteHosts({
    protocols,
    site: plane.site,
    recorder: plane.recorder,
    approvals: plane.approvals,
    shadow: plane.shadow,
    verifyAccessToken: plane.verifyAccessToken,
    analyse: analysis.analyse,
    diagnose: analysis.diagnose,
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
    clock: systemClock,
    secureContext: certificate.current,
    credentials: env.value.credentials,
    onCatalogue: (resourceId, catalogue) => plane.reportCatalogue(resourceId, catalogue),
    onListeners: (listeners) => plane.reportListeners(listeners),
  });
  plane.reportGauges(() => ({ sessions: hosts.sessionCount, decisions: hosts.decisionCount }));
  hosts.start();
  log.info({ enforcerId: plane.enforcerId, siteId: plane.siteId, version: VERSION }, "enforcer.started");
  onSignals(async () => {
    certificate.close();
    await hosts.close({ kind: "shutdown", reason: "this enforcer is shutting down" }, DRAIN_MS);
    analysis.close();
    await plane.close();
  });
}

/** The listener's certificate, read again while running; a broken replacement leaves the old one in use. */
function certificateOf(env: Extract<ReturnType<typeof readEnv>, { readonly ok: true }>["value"]) {
  const first = env.loadSecureContext();
  if (!first.ok) return stop(first.error.internal);
  let context = first.value;
  const timer = setInterval(() => {
    const next = env.loadSecureContext();
    if (next.ok) context = next.value;
    else log.error({ reason: next.error.internal }, "certificate.unreadable");
  }, CERTIFICATE_CHECK_MS).unref();
  return { current: () => context, close: () => clearInterval(timer) };
}

function onSignals(shutDown: () => Promise<void>): void {
  let stopping = false;
  const handle = (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, "enforcer.stopping");
    shutDown().then(
      () => {
        log.info({}, "enforcer.stopped");
        process.exit(0);
      },
      (cause: unknown) => {
        log.error({ ...errorFields(cause) }, "enforcer.stop_failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", handle);
  process.on("SIGINT", handle);
}

function stop(reason: string): never {
  log.error({ reason }, "enforcer.cannot_start");
  process.exit(1);
}
