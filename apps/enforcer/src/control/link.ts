import type { Client } from "@grpc/grpc-js";
import { type ApprovalSubject } from "@sluice/ledger";
import { type ControlMessage, ControlService, type Revocation } from "@sluice/proto";
import { logger } from "@sluice/telemetry";
import type { Catalogue } from "../languages/facts.ts";
import type { BatchReader } from "../recorder/batch-reader.ts";
import type { Spool } from "../recorder/spool.ts";
import { type ApprovalDesk, createApprovalDesk } from "./approval-desk.ts";
import type { ApprovalRequest } from "./approvals.ts";
import { createBundleFetcher } from "./bundle-fetcher.ts";
import type { BundleKeeper } from "./bundle-keeper.ts";
import type { ControlOptions, EnforcerGauges, OpenListener } from "./control-plane.ts";
import type { EnrolmentStore } from "./enrolment.ts";
import { createRecordShipper, type PackedBatch } from "./record-shipper.ts";
import { keepRenewed } from "./renewal.ts";
import { openClient } from "./rpc.ts";
import type { SessionRevocation } from "./site.ts";
import type { MovableSite } from "./site-state.ts";
import { keepConnected, type Outgoing } from "./stream.ts";

const log = logger("enforcer.control");

/** Batches are sealed this soon while the control plane listens, and this late while it does not. */
const SEAL_MS = { connected: 50, alone: 1_000 } as const;
const CLOCK_SKEW_WARN_MS = 30_000;

/** What the link joins. */
export interface LinkParts {
  readonly control: ControlOptions;
  readonly store: EnrolmentStore;
  readonly keeper: BundleKeeper;
  readonly site: MovableSite;
  readonly spool: Spool;
  readonly reader: BatchReader;
}

/** The running link to the control plane. */
export interface Link {
  readonly approvals: ApprovalDesk;
  reportCatalogue(resourceId: string, catalogue: Catalogue): void;
  reportListeners(listeners: readonly OpenListener[]): void;
  reportGauges(read: () => EnforcerGauges): void;
  close(): void;
}

/** Connects the parts with one stream: what arrives moves them, what they say is sent, and said again after a reconnect. */
export function startLink(parts: LinkParts): Link {
  const { control, store, keeper, site, spool, reader } = parts;
  const catalogues = new Map<string, Uint8Array>();
  let listeners: readonly OpenListener[] = [];
  let gauges: () => EnforcerGauges = () => ({ sessions: 0, decisions: 0 });

  const proven = (): Client => openClient(control.address, provenTrust(control, store));
  const fetcher = createBundleFetcher({ openClient: proven, keeper, report: (body) => void stream.send(body) });
  const approvals = createApprovalDesk({
    clock: control.clock,
    send: {
      ask: (request) => stream.send({ case: "approvalAsk", value: askMessage(request) }),
      withdraw: (approvalId, reason) => stream.send({ case: "approvalWithdraw", value: { approvalId, reason } }),
    },
  });
  const shipper = createRecordShipper({
    next: (afterSeq) => reader.next(afterSeq),
    acknowledged: (throughSeq) => spool.acknowledged(throughSeq),
    send: (batch) => stream.send({ case: "records", value: batchMessage(batch) }),
    clock: control.clock,
  });

  const stream = keepConnected(proven, {
    hello: () => hello(),
    heartbeat: () => ({ case: "heartbeat", value: heartbeat(control.clock.now(), spool, gauges()) }),
    welcome: ({ ackedSeq, serverTimeMs }) => {
      warnOfSkew(control.clock.now() - Number(serverTimeMs));
      site.setClockOffset(Number(serverTimeMs) - control.clock.now());
      if (!agree(Number(ackedSeq))) return;
      spool.sealEvery(SEAL_MS.connected);
      shipper.connected(Number(ackedSeq));
      approvals.resend();
      for (const [resourceId, catalogueJson] of catalogues) {
        stream.send({ case: "catalogue", value: { resourceId, catalogueJson } });
      }
      stream.send({ case: "listeners", value: { listeners: [...listeners] } });
      if (!site.current().ok) fetcher.fetch();
    },
    message: receive,
    lost: () => {
      spool.sealEvery(SEAL_MS.alone);
      shipper.disconnected();
    },
    refused: (reason) => ban(reason),
  });
  spool.onSynced(() => shipper.wake());
  const renewal = keepRenewed({ ...control, store, openProven: proven });

  function hello(): Outgoing {
    const applied = keeper.applied();
    return {
      case: "hello",
      value: {
        version: control.version,
        hostname: control.hostname,
        bundleVersion: BigInt(applied?.version ?? 0),
        bundleDigest: applied?.digest ?? "",
        firstUnackedSeq: BigInt(shipper.ackedSeq + 1),
        listeners: [...listeners],
      },
    };
  }

  // The control plane holding records that this spool never wrote means that the state directory is an old copy: new
  // records would take numbers that are taken, and be dropped as repeats.
  function agree(ackedSeq: number): boolean {
    if (ackedSeq <= spool.lastSeq) return true;
    spool.condemn(
      `The control plane holds records up to ${ackedSeq}, this enforcer's spool ends at ${spool.lastSeq}: its state ` +
        "directory was lost or restored from a copy. Enrol it again with an empty state directory.",
    );
    return false;
  }

  function receive({ body }: ControlMessage): void {
    switch (body.case) {
      case "bundle":
        return fetcher.fetch(body.value);
      case "recordAck":
        return shipper.acked(Math.min(Number(body.value.throughSeq), spool.lastSeq));
      case "approvalReceived":
        return approvals.received(body.value);
      case "approval":
        return approvals.decided(body.value);
      case "revocation":
        return revoke(body.value);
      case "ban":
        return ban(body.value.reason);
      case "heartbeat":
      case "welcome":
      case undefined:
        return;
    }
  }

  function revoke({ kind, value, reason }: Revocation): void {
    log.info({ kind, reason }, "revocation.received");
    // A kind that is not known must end something: everything.
    site.revoke(isRevocationKind(kind) ? { kind, value, reason } : { kind: "all", value: "", reason });
  }

  function ban(reason: string): void {
    log.error({ reason }, "control.banned");
    keeper.ban(reason);
    approvals.close("This enforcer was banned.");
  }

  return {
    approvals,
    reportCatalogue: (resourceId, catalogue) => {
      const catalogueJson = catalogueBytes(catalogue);
      catalogues.set(resourceId, catalogueJson);
      stream.send({ case: "catalogue", value: { resourceId, catalogueJson } });
    },
    reportListeners: (open) => {
      listeners = open;
      stream.send({ case: "listeners", value: { listeners: [...open] } });
    },
    reportGauges: (read) => {
      gauges = read;
    },
    close: () => {
      renewal.stop();
      shipper.close();
      fetcher.close();
      approvals.close("The enforcer is stopping.");
      stream.close();
    },
  };
}

function provenTrust({ serverCaPem }: ControlOptions, store: EnrolmentStore) {
  const certificatePem = store.certificate()?.toString();
  if (certificatePem === undefined) return { serverCaPem };
  return {
    serverCaPem,
    client: { keyPem: store.key().export({ format: "pem", type: "pkcs8" }).toString(), certificatePem },
  };
}

function isRevocationKind(kind: string): kind is SessionRevocation["kind"] {
  return ["token", "principal", "grant", "session", "all"].includes(kind);
}

function warnOfSkew(skewMs: number): void {
  if (Math.abs(skewMs) > CLOCK_SKEW_WARN_MS) log.warn({ skewMs }, "control.clock_skew");
}

function askMessage(request: ApprovalRequest) {
  const { approvalId, exchangeId, digest, workflows, expiresAtMs } = request;
  const subject: ApprovalSubject = request.subject;
  return {
    approvalId,
    exchangeId,
    digest,
    workflows: [...workflows],
    subjectJson: Buffer.from(JSON.stringify(subject), "utf8"),
    expiresAtMs: BigInt(expiresAtMs),
  };
}

function batchMessage(batch: PackedBatch) {
  return {
    firstSeq: BigInt(batch.firstSeq),
    lastSeq: BigInt(batch.lastSeq),
    payloadZstd: batch.payloadZstd,
    chainHead: batch.head,
    chainSignature: batch.signature,
    previousHead: batch.previous,
  };
}

function heartbeat(nowMs: number, spool: Spool, { sessions, decisions }: EnforcerGauges) {
  const { spoolBytes, lastSeq } = spool.health();
  return {
    atMs: BigInt(nowMs),
    sessions,
    spoolBytes: BigInt(spoolBytes),
    lastSeq: BigInt(lastSeq),
    decisions: BigInt(decisions),
  };
}

// Names and kinds only: the maps repeat the lists, and definitions and sources stay in the site.
function catalogueBytes({ version, relations, functions, schemas }: Catalogue): Uint8Array {
  const report = {
    version,
    schemas,
    relations: relations.map(({ schema, name, kind, columns }) => ({ schema, name, kind, columns })),
    functions: functions.map(({ schema, name, volatility, argumentCount }) => ({
      schema,
      name,
      volatility,
      argumentCount,
    })),
  };
  return Buffer.from(JSON.stringify(report), "utf8");
}
