import { setTimeout as sleep } from "node:timers/promises";
import { err, newId, ok, type Result } from "@sluice/kernel";
import { type ApprovalSubject, approvalDigest } from "@sluice/ledger";
import type { Catalogue } from "../languages/facts.ts";
import type {
  AdmittedExchange,
  Denial,
  HoldHooks,
  Judgement,
  SessionGate,
  SessionView,
  TrustedConnection,
} from "../protocols/protocol.ts";
import { approvalDenial, recordedApproval, refusalOf, withdrawn } from "./approval-outcome.ts";
import { sessionPart } from "./draft.ts";
import { rateDenial } from "./rate-denial.ts";
import { type Judged, SessionRecords } from "./records.ts";
import { SessionJudge } from "./session-judge.ts";
import type { PipelineParts, SessionOwner } from "./session-parts.ts";
import { approvalTimeoutMs, subjectOf } from "./subject.ts";

const REREAD_MS_MIN = 20;
const REREAD_MS_MAX = 320;

/** One session's way through the pipeline: judge, record, permit, finish. Knows no protocol. */
export class SessionPipeline implements SessionGate {
  readonly sessionId: string;
  readonly #parts: PipelineParts;
  readonly #owner: SessionOwner;
  readonly #records: SessionRecords;
  readonly #judge: SessionJudge;
  readonly #onClose: (reason: string) => void;

  constructor(parts: PipelineParts, owner: SessionOwner, onClose: (reason: string) => void) {
    this.#parts = parts;
    this.#owner = owner;
    this.sessionId = owner.sessionId;
    const shared = sessionPart(owner.sessionId, owner.identity, owner.client, owner.resource);
    this.#records = new SessionRecords(parts, shared);
    this.#judge = new SessionJudge(parts, owner);
    this.#onClose = onClose;
  }

  judge(text: string, view: SessionView): Judgement | Promise<Judgement> {
    return this.#judge.judge(text, view);
  }

  admit(judgement: Judgement & { readonly kind: "allow" }): Result<AdmittedExchange, Denial> {
    const judged = this.#judge.judgedOf(judgement);
    const tooMany = this.#tooMany(judged);
    if (tooMany) return err(tooMany);
    return this.#records.admit(judged);
  }

  refuse(judgement: Judgement, denial: Denial): void {
    this.#records.refuse(this.#judge.judgedOf(judgement), denial);
  }

  refuseUnjudged(denial: Denial): void {
    const state = this.#parts.site.current();
    this.#records.refuseUnjudged(denial, state.ok ? state.bundle.content.version : 0);
  }

  async hold(
    judgement: Judgement & { readonly kind: "ask" },
    parameters: ApprovalSubject["parameters"],
    view: SessionView,
    hooks: HoldHooks,
  ): Promise<Result<{ readonly judgement: Judgement; readonly exchange: AdmittedExchange }, Denial>> {
    const judged = this.#judge.judgedOf(judgement);
    const tooMany = this.#tooMany(judged);
    if (tooMany) return err(tooMany);
    const begun = this.#records.begin(judged);
    if (!begun.ok) return begun;
    const held = begun.value;
    const { settings } = view;
    const subject = subjectOf(this.#owner, judged, parameters, settings);
    const digest = approvalDigest(subject);
    const nowMs = this.#parts.clock.now();
    const approvalId = newId(nowMs);
    const expiresAtMs = nowMs + approvalTimeoutMs(this.#parts.site, judgement.workflows);
    const { workflows } = judgement;
    const request = { approvalId, exchangeId: held.exchangeId, digest, workflows, subject, expiresAtMs };
    const answer = await this.#parts.approvals.ask(request, (url) => hooks.onLink(url), hooks.signal);
    const refusal = hooks.signal.aborted ? withdrawn() : refusalOf(answer);
    const approval = recordedApproval(approvalId, answer, hooks.signal.aborted);
    if (refusal) return err(held.refuse(refusal, approval));
    const approverIds = answer.kind === "approved" ? answer.approverIds : [];
    const fact = { id: approvalId, workflows, approverIds };
    const again = await this.#judge.decideAgain(judgement.text, view, settings, fact, expiresAtMs);
    if (!again.ok) return err(held.refuse(again.error, approval));
    // a view or function may have been replaced meanwhile: people approved what the statement did when they were asked
    const now = { ...subjectOf(this.#owner, again.value, parameters, settings), bundleVersion: judged.bundleVersion };
    if (approvalDigest(now) !== digest)
      return err(held.refuse(approvalDenial("what the statement does changed while it was held"), approval));
    return ok({ judgement: again.value.judgement, exchange: held.admit(again.value, approval) });
  }

  readCatalogue(query: TrustedConnection["query"]): Promise<Catalogue> {
    return this.#parts.readCatalogue(query);
  }

  async catalogueChanged(): Promise<boolean> {
    // the read meets definitions of others: a view that goes while it is printed fails it
    for (let pauseMs = REREAD_MS_MIN; pauseMs <= REREAD_MS_MAX; pauseMs *= 2) {
      if (await this.#judge.refreshed()) return true;
      await sleep(pauseMs);
    }
    return this.#judge.refreshed();
  }

  close(reason: string): void {
    this.#judge.forget();
    this.#onClose(reason);
  }

  /** Counts an exchange that policy limits in its rate; refused and recorded when it is one too many. */
  #tooMany(judged: Judged): Denial | undefined {
    const limit = judged.judgement.obligations?.ratePerMinuteMax;
    if (limit === undefined) return undefined;
    const denial = rateDenial(this.#parts.rates, this.#owner.identity, limit);
    if (denial) this.#records.refuse(judged, denial);
    return denial;
  }
}
