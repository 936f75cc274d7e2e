import type { Clock } from "@sluice/kernel";
import type { ApprovalOutcome, ApprovalReceived } from "@sluice/proto";
import { logger } from "@sluice/telemetry";
import type { ApprovalAnswer, ApprovalRequest, Approvals } from "./approvals.ts";

const log = logger("enforcer.control");

/** How long an ask may stay without the console's acknowledgement before it counts as impossible. */
const ARRIVAL_TIMEOUT_MS = 10_000;
/** setTimeout's own limit, about 24 days. */
const TIMER_MS_MAX = 2_147_483_647;

/** How the desk reaches the control plane; false when the stream is down. */
export interface ApprovalSender {
  ask(request: ApprovalRequest): boolean;
  withdraw(approvalId: string, reason: string): boolean;
}

/** The desk with the ends that the stream drives; the pipeline sees only `Approvals`. */
export interface ApprovalDesk extends Approvals {
  readonly waiting: number;
  received(message: ApprovalReceived): void;
  decided(message: ApprovalOutcome): void;
  /** After a reconnect: asks again for everything that waits. The control plane knows them by id. */
  resend(): void;
  /** Answers everything that waits as unavailable. */
  close(reason: string): void;
}

interface Waiting {
  readonly request: ApprovalRequest;
  readonly onLink: (url: string) => void;
  readonly end: (answer: ApprovalAnswer) => void;
  arrived: boolean;
}

/** A desk for at most `waitingMax` (default 256) held exchanges. */
export function createApprovalDesk(options: { clock: Clock; send: ApprovalSender; waitingMax?: number }): ApprovalDesk {
  const { clock, send, waitingMax = 256 } = options;
  const waiting = new Map<string, Waiting>();

  function ask(request: ApprovalRequest, onLink: (url: string) => void, signal: AbortSignal): Promise<ApprovalAnswer> {
    const refused = refusal(request, signal);
    if (refused !== undefined) return Promise.resolve(refused);
    return new Promise((resolve) => {
      const { approvalId } = request;
      const timers: NodeJS.Timeout[] = [];
      const aborted = () => {
        send.withdraw(approvalId, "The client went away.");
        entry.end({ kind: "unavailable", reason: "The request was withdrawn." });
      };
      const entry: Waiting = {
        request,
        onLink,
        arrived: false,
        end: (answer) => {
          waiting.delete(approvalId);
          for (const timer of timers) clearTimeout(timer);
          signal.removeEventListener("abort", aborted);
          log.info({ approvalId, exchangeId: request.exchangeId, answer: answer.kind }, "approval.answered");
          resolve(answer);
        },
      };
      timers.push(setTimeout(() => expire(entry), Math.min(request.expiresAtMs - clock.now(), TIMER_MS_MAX)));
      timers.push(setTimeout(() => giveUp(entry), ARRIVAL_TIMEOUT_MS));
      signal.addEventListener("abort", aborted, { once: true });
      waiting.set(approvalId, entry);
      send.ask(request);
    });
  }

  function refusal(request: ApprovalRequest, signal: AbortSignal): ApprovalAnswer | undefined {
    if (signal.aborted) return { kind: "unavailable", reason: "The request was withdrawn." };
    if (request.expiresAtMs <= clock.now()) return { kind: "expired", reason: "The time to approve is over." };
    if (waiting.has(request.approvalId)) return { kind: "unavailable", reason: "This approval is asked for already." };
    if (waiting.size < waitingMax) return undefined;
    log.warn({ waiting: waiting.size }, "approval.too_many");
    return { kind: "unavailable", reason: `Too many requests wait for approval at this enforcer (${waitingMax}).` };
  }

  function expire({ request, end }: Waiting): void {
    send.withdraw(request.approvalId, "The time to approve is over.");
    end({ kind: "expired", reason: "Nobody decided in time." });
  }

  function giveUp({ arrived, request, end }: Waiting): void {
    if (arrived) return;
    send.withdraw(request.approvalId, "The console did not answer.");
    end({ kind: "unavailable", reason: "The console cannot be reached, so nobody can be asked." });
  }

  return {
    get waiting() {
      return waiting.size;
    },
    ask,
    received: ({ approvalId, url, refusedReason }) => {
      const entry = waiting.get(approvalId);
      if (entry === undefined) return;
      if (refusedReason !== "") return entry.end({ kind: "unavailable", reason: refusedReason });
      if (!entry.arrived) entry.onLink(url);
      entry.arrived = true;
    },
    decided: (message) => {
      const entry = waiting.get(message.approvalId);
      if (entry === undefined) return;
      if (message.digest !== entry.request.digest) {
        log.error({ approvalId: message.approvalId }, "approval.wrong_digest"); // an answer to something else: never used
        return;
      }
      const { approverIds, reason } = message;
      entry.end({ kind: message.approved ? "approved" : "refused", approverIds, reason });
    },
    resend: () => {
      for (const { request } of waiting.values()) send.ask(request);
    },
    close: (reason) => {
      for (const entry of [...waiting.values()]) entry.end({ kind: "unavailable", reason });
    },
  };
}
