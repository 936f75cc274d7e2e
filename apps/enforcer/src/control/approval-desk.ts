import type { Clock } from "@sluice/kernel";
import type { ApprovalOutcome, ApprovalReceived } from "@sluice/proto";
import { logger } from "@sluice/telemetry";
import type { ApprovalAnswer, ApprovalRequest, Approvals } from "./approvals.ts";

const log = logger("enforcer.control");

/** How long an ask may stay without the console's acknowledgement before it counts as impossible. */
const ARRIVAL_TIMEOUT_MS = 10_000;
/** setTimeout's own limit, about 24 days. */
const TIMER_MS_MAX = 2_147_483_647;
const WAITING_MAX = 256;

/** How the desk reaches the control plane; false when the stream is down. */
export interface ApprovalSender {
  ask(request: ApprovalRequest): boolean;
  withdraw(approvalId: string, reason: string): boolean;
}

/** What a desk works with. */
export interface ApprovalDeskOptions {
  readonly clock: Clock;
  readonly send: ApprovalSender;
  /** held exchanges at once; default 256 */
  readonly waitingMax?: number;
  readonly arrivalTimeoutMs?: number;
}

interface Waiting {
  readonly request: ApprovalRequest;
  readonly onLink: (url: string) => void;
  readonly end: (answer: ApprovalAnswer) => void;
  arrived: boolean;
}

/** `Approvals` for the pipeline, and the ends that the stream drives. */
export class ApprovalDesk implements Approvals {
  readonly #options: ApprovalDeskOptions;
  readonly #waiting = new Map<string, Waiting>();

  constructor(options: ApprovalDeskOptions) {
    this.#options = options;
  }

  ask(request: ApprovalRequest, onLink: (url: string) => void, signal: AbortSignal): Promise<ApprovalAnswer> {
    const refused = this.#refusal(request, signal);
    if (refused !== undefined) return Promise.resolve(refused);
    return new Promise((resolve) => {
      const entry = this.#enter(request, onLink, { signal, resolve });
      this.#waiting.set(request.approvalId, entry);
      this.#options.send.ask(request); // when the stream is down, the next welcome asks again
    });
  }

  /** The console has it, or says why it cannot be asked. */
  received({ approvalId, url, refusedReason }: ApprovalReceived): void {
    const entry = this.#waiting.get(approvalId);
    if (entry === undefined) return;
    if (refusedReason !== "") return entry.end({ kind: "unavailable", reason: refusedReason });
    const first = !entry.arrived;
    entry.arrived = true;
    if (first) entry.onLink(url);
  }

  /** People decided. An answer to anything but exactly what was asked is never used. */
  decided({ approvalId, digest, approved, approverIds, reason }: ApprovalOutcome): void {
    const entry = this.#waiting.get(approvalId);
    if (entry === undefined) return;
    if (digest !== entry.request.digest) return log.error({ approvalId }, "approval.wrong_digest");
    entry.end({ kind: approved ? "approved" : "refused", approverIds, reason });
  }

  /** After a reconnect: asks again for everything that waits. The control plane knows them by id. */
  resend(): void {
    for (const { request } of this.#waiting.values()) this.#options.send.ask(request);
  }

  /** Answers everything that waits as unavailable. */
  close(reason: string): void {
    for (const entry of this.#waiting.values()) entry.end({ kind: "unavailable", reason });
  }

  #refusal(request: ApprovalRequest, signal: AbortSignal): ApprovalAnswer | undefined {
    const { clock, waitingMax = WAITING_MAX } = this.#options;
    if (signal.aborted) return { kind: "unavailable", reason: "The request was withdrawn." };
    if (request.expiresAtMs <= clock.now()) return { kind: "expired", reason: "The time to approve is over." };
    if (this.#waiting.has(request.approvalId)) {
      return { kind: "unavailable", reason: "This approval is asked for already." };
    }
    if (this.#waiting.size < waitingMax) return undefined;
    log.warn({ waiting: this.#waiting.size }, "approval.too_many");
    return { kind: "unavailable", reason: `Too many requests wait for approval at this enforcer (${waitingMax}).` };
  }

  #enter(
    request: ApprovalRequest,
    onLink: (url: string) => void,
    caller: { readonly signal: AbortSignal; readonly resolve: (answer: ApprovalAnswer) => void },
  ): Waiting {
    const { approvalId, exchangeId } = request;
    const { clock, arrivalTimeoutMs = ARRIVAL_TIMEOUT_MS } = this.#options;
    const withdraw = (reason: string, answer: ApprovalAnswer) => {
      this.#options.send.withdraw(approvalId, reason);
      entry.end(answer);
    };
    const gone = () => withdraw("The client went away.", { kind: "unavailable", reason: "The request was withdrawn." });
    const expired = () =>
      withdraw("The time to approve is over.", { kind: "expired", reason: "Nobody decided in time." });
    const unheard = () => {
      const reason = "The console cannot be reached, so nobody can be asked.";
      if (!entry.arrived) withdraw("The console did not answer.", { kind: "unavailable", reason });
    };
    const timers = [
      setTimeout(expired, Math.min(request.expiresAtMs - clock.now(), TIMER_MS_MAX)),
      setTimeout(unheard, arrivalTimeoutMs),
    ];
    caller.signal.addEventListener("abort", gone, { once: true });
    const entry: Waiting = {
      request,
      onLink,
      arrived: false,
      end: (answer) => {
        this.#waiting.delete(approvalId);
        for (const timer of timers) clearTimeout(timer);
        caller.signal.removeEventListener("abort", gone);
        log.info({ approvalId, exchangeId, answer: answer.kind }, "approval.answered");
        caller.resolve(answer);
      },
    };
    return entry;
  }
}
