import type { Catalogue } from "../languages/facts.ts";
import type { RunReport } from "../shadow/shadow-runner.ts";
import type { ApprovalRequest } from "./approvals.ts";
import type { AppliedBundle } from "./bundle-keeper.ts";
import type { ControlOptions, EnforcerGauges, OpenListener } from "./control-plane.ts";
import type { PackedBatch } from "./record-shipper.ts";
import type { Outgoing } from "./stream.ts";

/** What a hello says. */
export interface HelloFacts {
  readonly control: Pick<ControlOptions, "version" | "hostname">;
  readonly applied: AppliedBundle | undefined;
  readonly ackedSeq: number;
  readonly listeners: readonly OpenListener[];
}

/** The first message of each connection. */
export function helloMessage({ control, applied, ackedSeq, listeners }: HelloFacts): Outgoing {
  const value = {
    version: control.version,
    hostname: control.hostname,
    bundleVersion: BigInt(applied?.version ?? 0),
    bundleDigest: applied?.digest ?? "",
    firstUnackedSeq: BigInt(ackedSeq + 1),
    listeners: [...listeners],
    capabilities: ["shadow.v1"],
  };
  return { case: "hello", value };
}

/** What a heartbeat says. */
export interface HeartbeatFacts extends EnforcerGauges {
  readonly spoolBytes: number;
  readonly lastSeq: number;
  /** empty while new work may start */
  readonly stoppedReason: string;
}

/** How the enforcer is. */
export function heartbeatMessage(nowMs: number, facts: HeartbeatFacts): Outgoing {
  const { sessions, decisions, stoppedReason } = facts;
  const value = {
    atMs: BigInt(nowMs),
    sessions,
    spoolBytes: BigInt(facts.spoolBytes),
    lastSeq: BigInt(facts.lastSeq),
    decisions: BigInt(decisions),
    stoppedReason,
  };
  return { case: "heartbeat", value };
}

/** Asks people. */
export function askMessage(request: ApprovalRequest): Outgoing {
  const { approvalId, exchangeId, digest, workflows, subject, expiresAtMs } = request;
  const value = {
    approvalId,
    exchangeId,
    digest,
    workflows: [...workflows],
    subjectJson: Buffer.from(JSON.stringify(subject), "utf8"),
    expiresAtMs: BigInt(expiresAtMs),
  };
  return { case: "approvalAsk", value };
}

/** One batch of records. */
export function recordsMessage(batch: PackedBatch): Outgoing {
  const value = {
    firstSeq: BigInt(batch.firstSeq),
    lastSeq: BigInt(batch.lastSeq),
    payloadZstd: batch.payloadZstd,
    chainHead: batch.head,
    chainSignature: batch.signature,
    previousHead: batch.previous,
  };
  return { case: "records", value };
}

/** Names and kinds only: definitions and sources stay in the site. */
export function catalogueMessage(resourceId: string, catalogue: Catalogue): Outgoing {
  const { version, schemas } = catalogue;
  const relations = catalogue.relations.map(({ schema, name, kind, columns }) => ({ schema, name, kind, columns }));
  const functions = catalogue.functions.map(({ schema, name, volatility, argumentCount }) => ({
    schema,
    name,
    volatility,
    argumentCount,
  }));
  const report = { version, schemas, relations, functions };
  return { case: "catalogue", value: { resourceId, catalogueJson: Buffer.from(JSON.stringify(report), "utf8") } };
}

/** One run of a candidate in this process. */
export interface ShadowReportFacts extends RunReport {
  readonly runId: string;
  readonly digest: string;
  readonly instance: string;
}

/** What a candidate did so far. */
export function shadowMessage(facts: ShadowReportFacts): Outgoing {
  const { runId, digest, instance, state, reasonCode, reason, groups } = facts;
  const value = {
    runId,
    digest,
    instance,
    state,
    reasonCode,
    reason,
    decided: BigInt(facts.decided),
    repeated: BigInt(facts.repeated),
    dropped: BigInt(facts.dropped),
    unreplayable: BigInt(facts.unreplayable),
    failed: BigInt(facts.failed),
    flips: BigInt(facts.flips),
    ungrouped: BigInt(facts.ungrouped),
    candidateUs: BigInt(facts.candidateUs),
    groups: groups.map(({ policies, exchangeIds, count, ...named }) => ({
      ...named,
      policies: [...policies],
      exchangeIds: [...exchangeIds],
      count: BigInt(count),
    })),
  };
  return { case: "shadow", value };
}

/** Where resources can be reached. */
export function listenersMessage(listeners: readonly OpenListener[]): Outgoing {
  return { case: "listeners", value: { listeners: [...listeners] } };
}
