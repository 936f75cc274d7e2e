import { type Clock, err, newId, ok, type Result } from "@sluice/kernel";
import type { OutcomeEntry } from "@sluice/ledger";
import { logger } from "@sluice/telemetry";
import type { AdmittedExchange, Denial, ExchangeOutcome, Judgement } from "../protocols/protocol.ts";
import type { RecordDraft, Recorder, RecordTicket } from "../recorder/recorder.ts";
import type { RequestPart, SessionPart } from "./draft.ts";
import { outcomeOf, refusedOutcome } from "./judgement.ts";
import { mintPermit } from "./permit.ts";
import type { ShadowSample, ShadowTap } from "./shadow-tap.ts";

/** A judgement with what its record needs. */
export interface Judged {
  readonly judgement: Judgement;
  readonly part: RequestPart;
  readonly bundleVersion: number;
  readonly decideUs: number;
  /** what it was decided of; absent when policies were not asked */
  readonly sample?: ShadowSample;
}

/** What records are written with. */
export interface RecordParts {
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly shadow?: ShadowTap | undefined;
}

/** An intent that is in the spool: it becomes an admitted exchange or a refusal, once. */
export interface BegunExchange {
  readonly exchangeId: string;
  /** Mints the permit; the judgement may be a newer one than was recorded, made with an approval. */
  admit(judged: Judged, approval?: OutcomeEntry["approval"]): AdmittedExchange;
  /** Completes the record with a refusal and returns it. */
  refuse(denial: Denial, approval: OutcomeEntry["approval"]): Denial;
}

const log = logger("enforcer.pipeline");

/** Writes one session's records. Nothing is admitted that is not in the spool first. */
export class SessionRecords {
  readonly #recorder: Recorder;
  readonly #clock: Clock;
  readonly #shared: SessionPart;
  readonly #shadow: ShadowTap | undefined;

  constructor({ clock, recorder, shadow }: RecordParts, shared: SessionPart) {
    this.#recorder = recorder;
    this.#clock = clock;
    this.#shadow = shadow;
    this.#shared = shared;
  }

  /** Records the intent of a judged request. */
  begin(judged: Judged): Result<BegunExchange, Denial> {
    const startedMs = this.#clock.monotonic();
    const begun = this.#write(this.#draft(judged, {}));
    if (!begun.ok) return begun;
    const ticket = begun.value;
    this.#shadow?.exchange(ticket.id, judged.sample);
    return ok({
      exchangeId: ticket.id,
      admit: (allowed, approval) => this.#admit(ticket, allowed, startedMs, approval),
      refuse: (denial, approval) => this.#refuseBegun(ticket, judged, startedMs, denial, approval),
    });
  }

  /** Records a refusal. One that cannot be recorded is logged: it passed nothing. */
  refuse(judged: Judged, denial: Denial): void {
    const reason = reasonOf(denial);
    const advice = denial.hint ? { advice: denial.hint } : {};
    const outcome = refusedOutcome(reason, judged.decideUs);
    const written = this.#write(this.#draft(judged, { verdict: "deny", reason, outcome, ...advice }));
    if (written.ok) this.#shadow?.exchange(written.value.id, judged.sample);
  }

  /** Records a refusal of something that was never judged. */
  refuseUnjudged(denial: Denial, bundleVersion: number): void {
    const nowMs = this.#clock.now();
    const reason = reasonOf(denial);
    const outcome = refusedOutcome(reason, 0);
    const base = { kind: "exchange", id: newId(nowMs), atMs: nowMs, decisions: [], bundleVersion } as const;
    this.#write({ ...base, decisions: [], ...this.#shared, verdict: "deny", reason, outcome });
  }

  #draft({ bundleVersion, part }: Judged, override: Partial<RecordDraft>): RecordDraft {
    const nowMs = this.#clock.now();
    const base = { kind: "exchange", id: newId(nowMs), atMs: nowMs } as const;
    return { ...base, ...this.#shared, ...part, bundleVersion, ...override };
  }

  #write(draft: RecordDraft): Result<RecordTicket, Denial> {
    const begun = this.#recorder.begin(draft);
    if (begun.ok) return begun;
    const { code, internal } = begun.error;
    log.error({ sessionId: this.#shared.sessionId, verdict: draft.verdict, code, reason: internal }, "record.refused");
    const hint = "nothing passes unrecorded: ask the operators of this enforcer to make room";
    return err({ kind: "recorder", policyId: "recorder", reason: begun.error.public, hint });
  }

  #admit(
    ticket: RecordTicket,
    judged: Judged,
    startedMs: number,
    approval: OutcomeEntry["approval"],
  ): AdmittedExchange {
    const finish = (outcome: ExchangeOutcome) => {
      const masked = Object.keys(outcome.maskedCells).length > 0;
      const { reason, verdict } = judged.part;
      this.#recorder.finish(ticket, {
        verdict: masked ? "mask" : verdict === "ask" ? "allow" : verdict,
        ...(reason ? { reason } : {}),
        ...(approval ? { approval } : {}),
        outcome: outcomeOf(outcome, judged.decideUs, (this.#clock.monotonic() - startedMs) * 1000),
      });
    };
    const durable = judged.judgement.strict ? this.#recorder.durable(ticket) : undefined;
    return { permit: mintPermit(ticket), durable, finish };
  }

  #refuseBegun(
    ticket: RecordTicket,
    judged: Judged,
    startedMs: number,
    denial: Denial,
    approval: OutcomeEntry["approval"],
  ): Denial {
    const reason = reasonOf(denial);
    const durationUs = Math.round((this.#clock.monotonic() - startedMs) * 1000);
    const outcome = { ...refusedOutcome(reason, judged.decideUs), durationUs };
    this.#recorder.finish(ticket, { verdict: "deny", reason, ...(approval ? { approval } : {}), outcome });
    return denial;
  }
}

function reasonOf(denial: Denial): string {
  return `${denial.policyId}: ${denial.reason}`;
}
