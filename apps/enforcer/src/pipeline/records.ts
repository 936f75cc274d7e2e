import { type Clock, err, newId, ok, type Result } from "@sluice/kernel";
import type { OutcomeEntry } from "@sluice/ledger";
import { logger } from "@sluice/telemetry";
import type { AdmittedExchange, Denial, ExchangeOutcome, Judgement, Permit } from "../protocols/protocol.ts";
import { RecordForm } from "../recorder/record-form.ts";
import type { RecordDraft, Recorder, RecorderError, RecordTicket } from "../recorder/recorder.ts";
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
  readonly #parts: RecordParts;
  readonly #shared: SessionPart;
  /** what all intents of one judgement share */
  readonly #forms = new WeakMap<Judged, RecordForm>();
  /** the last one asked for: mostly the next one too */
  #last: { readonly judged: Judged; readonly form: RecordForm } | undefined;

  constructor(parts: RecordParts, shared: SessionPart) {
    this.#parts = parts;
    this.#shared = shared;
  }

  /** Records the intent of a request that is allowed at once. */
  admit(judged: Judged): Result<AdmittedExchange, Denial> {
    const startedMs = this.#parts.clock.monotonic();
    const begun = this.#intent(judged);
    return begun.ok ? ok(this.#admit(begun.value, judged, startedMs, undefined)) : begun;
  }

  /** Records the intent of a request that waits for its approval. */
  begin(judged: Judged): Result<BegunExchange, Denial> {
    const startedMs = this.#parts.clock.monotonic();
    const begun = this.#intent(judged);
    if (!begun.ok) return begun;
    const ticket = begun.value;
    return ok({
      exchangeId: ticket.id,
      admit: (allowed, approval) => this.#admit(ticket, allowed, startedMs, approval),
      refuse: (denial, approval) => this.#refuseBegun(ticket, judged, startedMs, denial, approval),
    });
  }

  #intent(judged: Judged): Result<RecordTicket, Denial> {
    const nowMs = this.#parts.clock.now();
    const begun = this.#parts.recorder.beginForm(this.#formOf(judged), nowMs);
    if (!begun.ok) return err(this.#refused(begun.error, judged.part.verdict));
    this.#parts.shadow?.exchange(begun.value, judged.sample);
    return begun;
  }

  #formOf(judged: Judged): RecordForm {
    if (this.#last?.judged === judged) return this.#last.form;
    const form = this.#forms.get(judged) ?? this.#newForm(judged);
    this.#last = { judged, form };
    return form;
  }

  #newForm(judged: Judged): RecordForm {
    const { bundleVersion, part } = judged;
    const form = new RecordForm({ kind: "exchange", ...this.#shared, ...part, bundleVersion });
    this.#forms.set(judged, form);
    return form;
  }

  /** Records a refusal. One that cannot be recorded is logged: it passed nothing. */
  refuse(judged: Judged, denial: Denial): void {
    const reason = reasonOf(denial);
    const advice = denial.hint ? { advice: denial.hint } : {};
    const outcome = refusedOutcome(reason, judged.decideUs);
    const written = this.#write(this.#draft(judged, { verdict: "deny", reason, outcome, ...advice }));
    if (written.ok) this.#parts.shadow?.exchange(written.value, judged.sample);
  }

  /** Records a refusal of something that was never judged. */
  refuseUnjudged(denial: Denial, bundleVersion: number): void {
    const nowMs = this.#parts.clock.now();
    const reason = reasonOf(denial);
    const outcome = refusedOutcome(reason, 0);
    const base = { kind: "exchange", id: newId(nowMs), atMs: nowMs, decisions: [], bundleVersion } as const;
    this.#write({ ...base, decisions: [], ...this.#shared, verdict: "deny", reason, outcome });
  }

  #draft({ bundleVersion, part }: Judged, override: Partial<RecordDraft>): RecordDraft {
    const nowMs = this.#parts.clock.now();
    const base = { kind: "exchange", id: newId(nowMs), atMs: nowMs } as const;
    return { ...base, ...this.#shared, ...part, bundleVersion, ...override };
  }

  #write(draft: RecordDraft): Result<RecordTicket, Denial> {
    const begun = this.#parts.recorder.begin(draft);
    return begun.ok ? begun : err(this.#refused(begun.error, draft.verdict));
  }

  #refused({ code, internal, public: reason }: RecorderError, verdict: RecordDraft["verdict"]): Denial {
    log.error({ sessionId: this.#shared.sessionId, verdict, code, reason: internal }, "record.refused");
    const hint = "nothing passes unrecorded: ask the operators of this enforcer to make room";
    return { kind: "recorder", policyId: "recorder", reason, hint };
  }

  #admit(
    ticket: RecordTicket,
    judged: Judged,
    startedMs: number,
    approval: OutcomeEntry["approval"],
  ): AdmittedExchange {
    const exchange = new RecordedExchange(this.#parts, ticket, judged, startedMs);
    exchange.approval = approval;
    if (judged.judgement.strict) exchange.durable = this.#parts.recorder.durable(ticket);
    return exchange;
  }

  #refuseBegun(
    ticket: RecordTicket,
    judged: Judged,
    startedMs: number,
    denial: Denial,
    approval: OutcomeEntry["approval"],
  ): Denial {
    const reason = reasonOf(denial);
    const durationUs = Math.round((this.#parts.clock.monotonic() - startedMs) * 1000);
    const outcome = { ...refusedOutcome(reason, judged.decideUs), durationUs };
    this.#parts.recorder.finish(ticket, { verdict: "deny", reason, ...(approval ? { approval } : {}), outcome });
    return denial;
  }
}

/** An exchange whose intent is in the spool. */
class RecordedExchange implements AdmittedExchange {
  readonly permit: Permit;
  durable: Promise<void> | undefined = undefined;
  approval: OutcomeEntry["approval"] = undefined;
  readonly #parts: RecordParts;
  readonly #ticket: RecordTicket;
  readonly #judged: Judged;
  readonly #startedMs: number;

  constructor(parts: RecordParts, ticket: RecordTicket, judged: Judged, startedMs: number) {
    this.permit = mintPermit(ticket);
    this.#parts = parts;
    this.#ticket = ticket;
    this.#judged = judged;
    this.#startedMs = startedMs;
  }

  finish(outcome: ExchangeOutcome): void {
    const { clock, recorder } = this.#parts;
    const { decideUs, part } = this.#judged;
    const { reason, verdict } = part;
    recorder.finish(this.#ticket, {
      verdict: hidSomething(outcome) ? "mask" : verdict === "ask" ? "allow" : verdict,
      reason: outcome.limit ?? reason,
      approval: this.approval,
      outcome: outcomeOf(outcome, decideUs, (clock.monotonic() - this.#startedMs) * 1000),
    });
  }
}

function hidSomething({ maskedCells }: ExchangeOutcome): boolean {
  for (const _ in maskedCells) return true;
  return false;
}

function reasonOf(denial: Denial): string {
  return `${denial.policyId}: ${denial.reason}`;
}
