import type { ApprovalAsk, ApprovalWithdraw, EnforcerMessage, RecordBatch, ShadowReport } from "@sluice/proto";
import { logger } from "@sluice/telemetry";
import { withdrawApproval } from "../../features/approvals/server/end-approval.ts";
import { openApproval } from "../../features/approvals/server/open-approval.ts";
import { ingestJob } from "../../features/records/jobs/ingest.job.ts";
import { noteReport } from "../../features/shadow/server/note-report.ts";
import { wakeOrg } from "../wake-org.ts";
import { noteBundleStatus, noteCatalogue, noteHeartbeat, noteListeners } from "./enforcer-state.ts";
import type { StreamContext } from "./stream-session.ts";

const log = logger("control.stream");

/** Handles one message of a welcomed enforcer. Throws when the database fails: the stream ends and begins again. */
export async function receiveMessage(context: StreamContext, message: EnforcerMessage, now: Date): Promise<void> {
  const { db, deps, identity } = context;
  const { orgId } = identity;
  const { body } = message;
  switch (body.case) {
    case "records":
      return queueRecords(context, body.value);
    case "approvalAsk":
      return ask(context, body.value);
    case "approvalWithdraw":
      return withdraw(context, body.value);
    case "heartbeat":
      await db.withOrg(orgId, (tx) => noteHeartbeat(tx, identity, body.value, now));
      return context.send({ case: "heartbeat", value: { atMs: BigInt(now.getTime()) } });
    case "bundleStatus":
      await db.withOrg(orgId, (tx) => noteBundleStatus(tx, identity, body.value, now));
      return wakeOrg(deps, orgId);
    case "listeners":
      await db.withOrg(orgId, (tx) => noteListeners(tx, identity, body.value.listeners));
      return wakeOrg(deps, orgId);
    case "shadow":
      return noteShadow(context, body.value, now);
    case "catalogue": {
      const stored = await db.withOrg(orgId, (tx) => noteCatalogue(tx, identity, body.value, now));
      if (!stored) log.warn({ orgId, enforcerId: identity.enforcerId }, "catalogue.not_stored");
      return wakeOrg(deps, orgId);
    }
    case "hello":
    case undefined:
      // A second hello says nothing new; an unknown case is a newer enforcer's.
      return;
  }
}

/**
 * Queues a batch for the worker. The enforcer keeps it until it is acknowledged and sends it again after a while, so a Redis
 * that is away costs time only. The same batch queued twice is one job.
 */
async function queueRecords({ queues, identity }: StreamContext, batch: RecordBatch): Promise<void> {
  const { orgId, enforcerId } = identity;
  const [firstSeq, lastSeq] = [Number(batch.firstSeq), Number(batch.lastSeq)];
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  try {
    await queues.enqueue(
      ingestJob,
      {
        orgId,
        enforcerId,
        firstSeq,
        lastSeq,
        payloadZstd: base64(batch.payloadZstd),
        head: base64(batch.chainHead),
        signature: base64(batch.chainSignature),
        previous: base64(batch.previousHead),
      },
      { id: `${enforcerId}_${firstSeq}_${lastSeq}` },
    );
  } catch (error) {
    log.warn({ err: error, orgId, enforcerId, firstSeq, lastSeq }, "records.not_queued");
  }
}

/** Nobody is woken: reports come every few seconds from each enforcer, and pages that show them look by themselves. */
async function noteShadow({ db, identity }: StreamContext, report: ShadowReport, now: Date): Promise<void> {
  const { orgId, enforcerId } = identity;
  const noted = await db.withOrg(orgId, (tx) => noteReport(tx, identity, report, now));
  if (!noted) log.warn({ orgId, enforcerId, runId: report.runId, state: report.state }, "shadow.not_noted");
}

async function ask(context: StreamContext, message: ApprovalAsk): Promise<void> {
  const { db, deps, identity } = context;
  const { orgId, siteId, enforcerId } = identity;
  const { approvalId, exchangeId, digest, workflows, subjectJson } = message;
  const expiresAtMs = Number(message.expiresAtMs);
  const opened = await db.withOrg(orgId, (tx) =>
    openApproval(
      tx,
      { orgId, siteId, enforcerId },
      { approvalId, exchangeId, digest, workflows, subjectJson, expiresAtMs },
      deps.clock.now(),
    ),
  );
  if (!opened.ok) {
    log.warn({ orgId, enforcerId, approvalId, code: opened.error.code }, "approval.refused");
    const value = { approvalId, url: "", refusedReason: opened.error.public };
    return context.send({ case: "approvalReceived", value });
  }
  context.waiting.add(approvalId);
  const url = `${context.origin}/approvals/${approvalId}`;
  context.send({ case: "approvalReceived", value: { approvalId, url, refusedReason: "" } });
  context.look(); // after a reconnect it may have been decided meanwhile
  await wakeOrg(deps, orgId);
}

async function withdraw({ db, deps, identity, waiting }: StreamContext, message: ApprovalWithdraw): Promise<void> {
  const { orgId, enforcerId } = identity;
  const { approvalId, reason } = message;
  if (!waiting.delete(approvalId)) return;
  const input = { approvalId, enforcerId, reason };
  const ended = await db.withOrg(orgId, (tx) => withdrawApproval(tx, input, deps.clock.now()));
  if (ended) await wakeOrg(deps, orgId);
}
