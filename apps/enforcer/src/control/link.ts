import type { Client } from "@grpc/grpc-js";
import { ok, type Result } from "@sluice/kernel";
import { type ControlMessage, ControlService, type Revocation, type Welcome } from "@sluice/proto";
import { logger } from "@sluice/telemetry";
import type { Catalogue } from "../languages/facts.ts";
import type { BatchReader } from "../recorder/batch-reader.ts";
import type { Spool } from "../recorder/spool.ts";
import { ApprovalDesk } from "./approval-desk.ts";
import { type BundleFetcher, createBundleFetcher } from "./bundle-fetcher.ts";
import type { BundleKeeper } from "./bundle-keeper.ts";
import type { ControlOptions, EnforcerGauges, OpenListener } from "./control-plane.ts";
import type { EnrolmentStore } from "./enrolment.ts";
import {
  askMessage,
  catalogueMessage,
  heartbeatMessage,
  helloMessage,
  listenersMessage,
  recordsMessage,
} from "./messages.ts";
import { RecordShipper } from "./record-shipper.ts";
import { keepRenewed } from "./renewal.ts";
import { call, openClient, type RpcError } from "./rpc.ts";
import type { ShadowDesk } from "./shadow-desk.ts";
import type { SessionRevocation } from "./site.ts";
import type { MovableSite } from "./site-state.ts";
import { keepConnected, type Outgoing, type Stream } from "./stream.ts";

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
  readonly shadow: ShadowDesk;
}

/**
 * The running link to the control plane: joins the parts with one stream. What arrives moves them; what they say is
 * sent, and said again after a reconnect.
 */
export class Link {
  readonly approvals: ApprovalDesk;
  readonly #parts: LinkParts;
  readonly #shipper: RecordShipper;
  readonly #fetcher: BundleFetcher;
  readonly #renewal: { stop(): void };
  readonly #stream: Stream;
  readonly #catalogues = new Map<string, Outgoing>();
  #listeners: readonly OpenListener[] = [];
  #gauges: () => EnforcerGauges = () => ({ sessions: 0, decisions: 0 });

  constructor(parts: LinkParts) {
    const { control, store, keeper, spool, reader } = parts;
    this.#parts = parts;
    const proven = () => openProven(control, store);
    this.#fetcher = createBundleFetcher({ openClient: proven, keeper, report: (body) => void this.#send(body) });
    this.approvals = new ApprovalDesk({
      clock: control.clock,
      send: {
        ask: (request) => this.#send(askMessage(request)),
        withdraw: (approvalId, reason) => this.#send({ case: "approvalWithdraw", value: { approvalId, reason } }),
      },
    });
    this.#shipper = new RecordShipper({
      next: (afterSeq) => reader.next(afterSeq),
      acknowledged: (throughSeq) => spool.acknowledged(throughSeq),
      send: (batch) => this.#send(recordsMessage(batch)),
    });
    this.#stream = keepConnected(proven, {
      hello: () =>
        helloMessage({
          control,
          applied: keeper.applied(),
          ackedSeq: this.#shipper.ackedSeq,
          listeners: this.#listeners,
        }),
      heartbeat: () => this.#heartbeat(),
      welcome: (welcome) => this.#welcomed(welcome),
      message: (message) => this.#receive(message),
      lost: () => this.#lost(),
      refused: (reason) => this.#ban(reason),
    });
    spool.onSynced(() => this.#shipper.wake());
    parts.shadow.connect({ fetch: (runId) => fetchShadow(proven, runId), send: (body) => this.#send(body) });
    this.#renewal = keepRenewed({ ...control, store, openProven: proven });
  }

  /** Sent when connected; the newest of each resource is kept and sent again after a reconnect. */
  reportCatalogue(resourceId: string, catalogue: Catalogue): void {
    const message = catalogueMessage(resourceId, catalogue);
    this.#catalogues.set(resourceId, message);
    this.#send(message);
  }

  /** Replaces the list. */
  reportListeners(listeners: readonly OpenListener[]): void {
    this.#listeners = listeners;
    this.#send(listenersMessage(listeners));
  }

  /** The source of the heartbeat's numbers. */
  reportGauges(read: () => EnforcerGauges): void {
    this.#gauges = read;
  }

  /** Ends the stream and everything that waits on it. */
  close(): void {
    this.#renewal.stop();
    this.#shipper.disconnected();
    this.#fetcher.close();
    this.#parts.shadow.close();
    this.approvals.close("The enforcer is stopping.");
    this.#stream.close();
  }

  #send(body: Outgoing): boolean {
    return this.#stream.send(body);
  }

  #heartbeat(): Outgoing {
    const { control, site, spool } = this.#parts;
    const { cause, spoolBytes, lastSeq } = spool.health();
    const state = site.current();
    const stoppedReason = cause !== "" ? cause : state.ok ? "" : state.reason;
    return heartbeatMessage(control.clock.now(), { ...this.#gauges(), spoolBytes, lastSeq, stoppedReason });
  }

  #welcomed({ ackedSeq, serverTimeMs }: Welcome): void {
    const { control, shadow, site, spool } = this.#parts;
    const aheadMs = Number(serverTimeMs) - control.clock.now();
    site.setClockOffset(aheadMs);
    if (Math.abs(aheadMs) > CLOCK_SKEW_WARN_MS) log.warn({ aheadMs }, "control.clock_skew");
    if (!this.#agree(Number(ackedSeq))) {
      this.#send(this.#heartbeat()); // says why nothing passes
      return;
    }
    spool.sealEvery(SEAL_MS.connected);
    this.#shipper.connected(Number(ackedSeq));
    this.approvals.resend();
    shadow.resend();
    for (const message of this.#catalogues.values()) this.#send(message);
    this.#send(listenersMessage(this.#listeners));
    if (!site.current().ok) this.#fetcher.fetch();
  }

  // The control plane holding records that this spool never wrote means that the state directory is an old copy: new
  // records would take numbers that are taken, and be dropped as repeats.
  #agree(ackedSeq: number): boolean {
    const { spool } = this.#parts;
    if (ackedSeq <= spool.lastSeq) return true;
    spool.condemn(
      `The control plane holds records up to ${ackedSeq}, this enforcer's spool ends at ${spool.lastSeq}: its state ` +
        "directory was lost or restored from a copy. Enrol it again with an empty state directory.",
    );
    return false;
  }

  #lost(): void {
    this.#parts.spool.sealEvery(SEAL_MS.alone);
    this.#shipper.disconnected();
  }

  #receive({ body }: ControlMessage): void {
    switch (body.case) {
      case "bundle":
        return this.#fetcher.fetch(body.value);
      case "recordAck":
        return this.#shipper.acked(Math.min(Number(body.value.throughSeq), this.#parts.spool.lastSeq));
      case "approvalReceived":
        return this.approvals.received(body.value);
      case "approval":
        return this.approvals.decided(body.value);
      case "revocation":
        return this.#revoke(body.value);
      case "shadow":
        return this.#parts.shadow.noticed(body.value);
      case "ban":
        return this.#ban(body.value.reason);
      case "heartbeat":
      case "welcome":
      case undefined:
        return;
    }
  }

  #revoke({ kind, value, reason }: Revocation): void {
    log.info({ kind, reason }, "revocation.received");
    // A kind that is not known must end something: everything.
    const revocation = isRevocationKind(kind) ? { kind, value, reason } : { kind: "all" as const, value: "", reason };
    this.#parts.site.revoke(revocation);
  }

  #ban(reason: string): void {
    log.error({ reason }, "control.banned");
    this.#parts.keeper.ban(reason);
    this.#parts.shadow.close();
    this.approvals.close("This enforcer was banned.");
  }
}

/** A connection that proves itself with the newest certificate. */
function openProven({ address, serverCaPem }: ControlOptions, store: EnrolmentStore): Client {
  const certificatePem = store.certificate()?.toString();
  if (certificatePem === undefined) return openClient(address, { serverCaPem });
  const keyPem = store.key().export({ format: "pem", type: "pkcs8" }).toString();
  return openClient(address, { serverCaPem, client: { keyPem, certificatePem } });
}

async function fetchShadow(proven: () => Client, runId: string): Promise<Result<Uint8Array, RpcError>> {
  const client = proven();
  const answer = await call(client, ControlService.method.fetchShadow, { runId }).finally(() => client.close());
  return answer.ok ? ok(answer.value.envelope) : answer;
}

function isRevocationKind(kind: string): kind is SessionRevocation["kind"] {
  return ["token", "principal", "grant", "session", "all"].includes(kind);
}
