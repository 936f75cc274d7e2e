import { status } from "@grpc/grpc-js";
import type { Clock } from "@sluice/kernel";
import type { BundleStatus, Hello } from "@sluice/proto";
import type { EnforcerIdentity } from "../../features/enforcers/server/identify-enforcer.ts";
import type { SiteNews } from "./site-news.ts";
import type { Outgoing, StreamSession } from "./stream-session.ts";

/** A bundle that was noticed and neither applied nor refused is noticed again after this long. */
const NOTICE_AGAIN_MS = 30_000;

/** Turns the state in the database into messages: each thing is said once per stream. */
export interface Teller {
  /** Says what is new, revocations and approvals ahead of bundles; returns the asks whose outcome was said. */
  tell(news: SiteNews | undefined): readonly string[];
  /** The enforcer told what became of a bundle. */
  heard(report: BundleStatus): void;
}

/** What a teller speaks for and to. */
export interface TellerParts {
  readonly identity: Pick<EnforcerIdentity, "enforcerId">;
  readonly hello: Pick<Hello, "bundleVersion" | "bundleDigest" | "capabilities">;
  readonly send: (body: Outgoing) => void;
  readonly end: StreamSession["end"];
  readonly clock: Clock;
}

/** A teller of one stream, beginning with what the hello said. */
export function openTeller({ hello, send, end, clock }: TellerParts): Teller {
  const stopped = new Set<string>();
  let applied = { version: Number(hello.bundleVersion), digest: hello.bundleDigest };
  let noticed: { readonly version: number; readonly atMs: number } | undefined;
  let acked = -1;
  // An older enforcer would not know the message. Said once at the start in any case: a run may have been stopped while
  // the enforcer was away.
  const runsCandidates = hello.capabilities.includes("shadow.v1");
  let shadowTold: string | undefined;

  function isBarred(news: SiteNews): boolean {
    if (news.status === "banned") {
      const reason = news.refusedReason ?? "no reason given";
      send({ case: "ban", value: { reason } });
      end(status.PERMISSION_DENIED, `This enforcer is banned: ${reason}`);
      return true;
    }
    if (news.certificateEndsAtMs > clock.now()) return false;
    end(status.UNAUTHENTICATED, "The enforcer's certificate ended and was not renewed.");
    return true;
  }

  function tellBundle(bundle: SiteNews["bundle"]): void {
    if (!bundle || (bundle.version === applied.version && bundle.digest === applied.digest)) return;
    const nowMs = clock.monotonic();
    if (noticed?.version === bundle.version && nowMs - noticed.atMs < NOTICE_AGAIN_MS) return;
    noticed = { version: bundle.version, atMs: nowMs };
    send({ case: "bundle", value: { version: BigInt(bundle.version), digest: bundle.digest } });
  }

  function tellShadow(shadow: SiteNews["shadow"]): void {
    const { runId = "", version = 0, digest = "" } = shadow ?? {};
    if (!runsCandidates || runId === shadowTold) return;
    shadowTold = runId;
    send({ case: "shadow", value: { runId, version: BigInt(version), digest } });
  }

  return {
    tell: (news) => {
      if (!news) {
        end(status.UNAUTHENTICATED, "There is no such enforcer any more.");
        return [];
      }
      if (isBarred(news)) return [];
      for (const stop of news.stops) {
        const key = `${stop.kind} ${stop.value}`;
        if (!stopped.has(key)) send({ case: "revocation", value: { ...stop } });
      }
      // What is not stopped any more (unlocked) may be stopped, and said, again.
      const now = new Set(news.stops.map(({ kind, value }) => `${kind} ${value}`));
      stopped.clear();
      for (const key of now) stopped.add(key);
      for (const outcome of news.outcomes) send(outcomeMessage(outcome));
      tellBundle(news.bundle);
      tellShadow(news.shadow);
      if (news.ackedSeq > acked) {
        send({ case: "recordAck", value: { throughSeq: BigInt(news.ackedSeq) } });
        acked = news.ackedSeq;
      }
      return news.outcomes.map(({ id }) => id);
    },
    heard: (report) => {
      if (report.applied) applied = { version: Number(report.version), digest: report.digest };
    },
  };
}

function outcomeMessage(outcome: SiteNews["outcomes"][number]): Outgoing {
  const reasons: Readonly<Record<string, string>> = {
    expired: "Nobody decided in time.",
    withdrawn: "The request was withdrawn.",
  };
  return {
    case: "approval",
    value: {
      approvalId: outcome.id,
      digest: outcome.digest,
      approved: outcome.status === "approved",
      approverIds: [...outcome.approvers],
      reason: outcome.reason || (reasons[outcome.status] ?? ""),
      decidedAtMs: BigInt(Math.trunc(outcome.decidedAtMs)),
    },
  };
}
