import { join } from "node:path";
import { err, ok, type Result, taggedError } from "@sluice/kernel";
import { createAccessTokenVerifier } from "../identity/access-token.ts";
import { BatchReader } from "../recorder/batch-reader.ts";
import { openSpool } from "../recorder/open-spool.ts";
import type { Spool } from "../recorder/spool.ts";
import { fileIo } from "../recorder/spool-io.ts";
import { createBundleKeeper } from "./bundle-keeper.ts";
import { bundleStore } from "./bundle-store.ts";
import type { ConnectControl, ControlError, ControlOptions, ControlPlane } from "./control-plane.ts";
import { enrol } from "./enrol.ts";
import { type Enrolment, type EnrolmentStore, enrolmentStore } from "./enrolment.ts";
import { holdStateDir } from "./hold-state-dir.ts";
import { Link } from "./link.ts";
import { ShadowDesk } from "./shadow-desk.ts";
import { createSite } from "./site-state.ts";
import { makePrivateDirectory } from "./state-files.ts";

const SPOOL_BYTES_MIN = 16_777_216;

/** See `ConnectControl`. */
export const connectControl: ConnectControl = async (options) => {
  try {
    makePrivateDirectory(options.stateDir);
    const hold = await holdStateDir(options.stateDir);
    if (!hold.ok) return hold;
    const started = await start(options, () => hold.value.release());
    if (!started.ok) await hold.value.release();
    return started;
  } catch (error) {
    const text = `The state directory ${options.stateDir} cannot be used: ${error instanceof Error ? error.message : "unknown error"}`;
    return err(taggedError("control.state_dir", text, { retry: "after-change" }));
  }
};

async function start(
  options: ControlOptions,
  release: () => Promise<void>,
): Promise<Result<ControlPlane, ControlError>> {
  const store = enrolmentStore(options.stateDir);
  const enrolment = await enrolled(options, store);
  if (!enrolment.ok) return enrolment;
  const spool = openRecords(options, enrolment.value, store);
  if (!spool.ok) return spool;
  return ok(assemble(options, { enrolment: enrolment.value, store, spool: spool.value, release }));
}

// Once enrolled, a token is not looked at: a certificate that ended is recovered with the key (renewal.ts).
async function enrolled(options: ControlOptions, store: EnrolmentStore): Promise<Result<Enrolment, ControlError>> {
  const known = store.enrolment();
  if (known !== undefined) return ok(known);
  if (options.enrolToken !== undefined) return enrol(options, store, options.enrolToken);
  const text =
    "This enforcer is not enrolled. Make an enrolment token in the console (Enforcers, Add enforcer) " +
    "and start once with SLUICE_ENROL_TOKEN set to it.";
  return err(taggedError("control.not_enrolled", text, { retry: "after-change" }));
}

function openRecords(
  options: ControlOptions,
  enrolment: Enrolment,
  store: EnrolmentStore,
): Result<Spool, ControlError> {
  const spool = openSpool({
    directory: join(options.stateDir, "spool", enrolment.enforcerId),
    owner: enrolment,
    signingKey: store.key(),
    bytesMax: Math.max(options.spoolBytesMax, SPOOL_BYTES_MIN),
    clock: options.clock,
    io: fileIo,
  });
  if (spool.ok) return spool;
  return err(
    taggedError("control.spool", spool.error.public, { internal: spool.error.internal, retry: "after-change" }),
  );
}

interface Parts {
  readonly enrolment: Enrolment;
  readonly store: EnrolmentStore;
  readonly spool: Spool;
  readonly release: () => Promise<void>;
}

function assemble(options: ControlOptions, { enrolment, store, spool, release }: Parts): ControlPlane {
  const { clock, stateDir } = options;
  const site = createSite(clock);
  const keeper = createBundleKeeper({ enrolment, store: bundleStore(stateDir), site, clock });
  keeper.restore();
  const reader = new BatchReader(fileIo, () => spool.readable());
  const shadow = new ShadowDesk({ stateDir, enrolment, site, clock });
  const link = new Link({ control: options, store, keeper, site, spool, reader, shadow });
  let closing: Promise<void> | undefined;
  return {
    ...enrolment,
    site,
    approvals: link.approvals,
    shadow,
    recorder: spool,
    verifyAccessToken: createAccessTokenVerifier(site, clock),
    reportCatalogue: (resourceId, catalogue) => link.reportCatalogue(resourceId, catalogue),
    reportListeners: (listeners) => link.reportListeners(listeners),
    reportGauges: (read) => link.reportGauges(read),
    close: () => {
      closing ??= (async () => {
        link.close();
        reader.close();
        await spool.close();
        await release();
      })();
      return closing;
    },
  };
}
