import type { BundleResource } from "@sluice/bundle";
import { assert, type Clock, err, newId, ok, type Result } from "@sluice/kernel";
import { type ApprovalSubject, approvalDigest, type OutcomeEntry } from "@sluice/ledger";
import { errorFields, logger } from "@sluice/telemetry";
import type { Approvals } from "../control/approvals.ts";
import type { LoadedBundle, SiteState } from "../control/site.ts";
import type { ClientIdentity } from "../identity/identity.ts";
import type { Catalogue, SqlSessionSettings, StatementFacts } from "../languages/facts.ts";
import type { AnalyseSql } from "../languages/language.ts";
import type {
  AdmittedExchange,
  ClientFacts,
  Denial,
  HoldHooks,
  Judgement,
  SessionGate,
  SessionView,
} from "../protocols/protocol.ts";
import type { RecordDraft, Recorder, RecordTicket } from "../recorder/recorder.ts";
import { approvalDenial, recordedApproval, refusalOf, withdrawn } from "./approval-outcome.ts";
import type { ApprovalFact } from "./context.ts";
import { decideRequest } from "./decide.ts";
import { principalsOf, type RequestPart, requestPart, type SessionPart, sessionPart, textPart } from "./draft.ts";
import { judgementOf, outcomeOf, refusedOutcome } from "./judgement.ts";
import { mintPermit } from "./permit.ts";

/** The catalogue of one resource, kept fresh by its owner. */
export interface CatalogueSource {
  /** undefined until the first load succeeded */
  current(): Catalogue | undefined;
  /** Loads again; resolves when a load that began after this call is in use. Rejects when the upstream fails. */
  refresh(): Promise<void>;
}

/** What the pipeline of one resource works with. */
export interface PipelineParts {
  readonly site: SiteState;
  readonly recorder: Recorder;
  readonly approvals: Approvals;
  readonly analyse: AnalyseSql;
  readonly catalogue: CatalogueSource;
  readonly clock: Clock;
  readonly resourceId: string;
}

/** Who a session belongs to. */
export interface SessionOwner {
  readonly sessionId: string;
  readonly identity: ClientIdentity;
  readonly client: ClientFacts;
  readonly resource: BundleResource;
}

const JUDGEMENTS_MAX = 256;
const JUDGED_CHARS_MAX = 16_384;
const APPROVAL_TIMEOUT_MS = 300_000;
const log = logger("enforcer.pipeline");

const RELOAD_MS_MIN = 2_000;

interface Judged {
  readonly judgement: Judgement;
  readonly part: RequestPart;
  readonly bundleVersion: number;
  readonly decideUs: number;
}

type StateNow = { readonly bundle: LoadedBundle; readonly catalogue: Catalogue; readonly resource: BundleResource };

/** One session's way through the pipeline: judge, record, permit, finish. Knows no protocol. */
export class SessionPipeline implements SessionGate {
  readonly sessionId: string;
  readonly #parts: PipelineParts;
  readonly #owner: SessionOwner;
  readonly #shared: SessionPart;
  readonly #byText = new Map<string, Judgement>();
  readonly #judged = new WeakMap<Judgement, Judged>();
  readonly #onClose: (reason: string) => void;
  #reloadedFor: Catalogue | undefined;
  #reloadedAtMs = 0;

  constructor(parts: PipelineParts, owner: SessionOwner, onClose: (reason: string) => void) {
    this.#parts = parts;
    this.#owner = owner;
    this.sessionId = owner.sessionId;
    this.#shared = sessionPart(owner.sessionId, owner.identity, owner.client, owner.resource);
    this.#onClose = onClose;
  }

  judge(text: string, view: SessionView): Judgement | Promise<Judgement> {
    const known = this.#byText.get(text);
    if (known?.isCurrent(view)) return known;
    const state = this.#state();
    if (!state.ok) return this.#unavailable(text, state.error);
    const facts = this.#parts.analyse(text, view.settings, state.value.catalogue);
    if (facts instanceof Promise) return facts.then((made) => this.#settle(text, made, view, state.value));
    return this.#settle(text, facts, view, state.value);
  }

  admit(judgement: Judgement & { readonly kind: "allow" }): Result<AdmittedExchange, Denial> {
    const judged = this.#judgedOf(judgement);
    const startedMs = this.#parts.clock.monotonic();
    const ticket = this.#begin(judged, {});
    if (!ticket.ok) return ticket;
    return ok(this.#admitted(ticket.value, judged, startedMs, undefined));
  }

  refuse(judgement: Judgement, denial: Denial): void {
    const judged = this.#judgedOf(judgement);
    const reason = `${denial.policyId}: ${denial.reason}`;
    const outcome = refusedOutcome(reason, judged.decideUs);
    const advice = denial.hint ? { advice: denial.hint } : {};
    const begun = this.#begin(judged, { verdict: "deny", reason, outcome, ...advice });
    if (!begun.ok) log.error({ sessionId: this.sessionId, reason: begun.error.reason }, "record.refusal_lost");
  }

  refuseUnjudged(denial: Denial): void {
    const state = this.#parts.site.current();
    const reason = `${denial.policyId}: ${denial.reason}`;
    const begun = this.#parts.recorder.begin({
      kind: "exchange",
      id: newId(this.#parts.clock.now()),
      atMs: this.#parts.clock.now(),
      ...this.#shared,
      verdict: "deny",
      reason,
      decisions: [],
      bundleVersion: state.ok ? state.bundle.content.version : 0,
      outcome: refusedOutcome(reason, 0),
    });
    if (!begun.ok) log.error({ sessionId: this.sessionId, reason: begun.error.internal }, "record.refusal_lost");
  }

  async hold(
    judgement: Judgement & { readonly kind: "ask" },
    parameters: ApprovalSubject["parameters"],
    view: SessionView,
    hooks: HoldHooks,
  ): Promise<Result<{ readonly judgement: Judgement; readonly exchange: AdmittedExchange }, Denial>> {
    const judged = this.#judgedOf(judgement);
    const startedMs = this.#parts.clock.monotonic();
    const ticket = this.#begin(judged, {});
    if (!ticket.ok) return ticket;
    const { settings } = view;
    const subject = this.#subject(judged, parameters, settings);
    const digest = approvalDigest(subject);
    const nowMs = this.#parts.clock.now();
    const approvalId = newId(nowMs);
    const expiresAtMs = nowMs + this.#approvalTimeoutMs(judgement.workflows);
    const request = {
      approvalId,
      exchangeId: ticket.value.id,
      digest,
      workflows: judgement.workflows,
      subject,
      expiresAtMs,
    };
    const answer = await this.#parts.approvals.ask(request, (url) => hooks.onLink(url), hooks.signal);
    const refusal = hooks.signal.aborted ? withdrawn() : refusalOf(answer);
    const approval = recordedApproval(approvalId, answer, hooks.signal.aborted);
    if (refusal) return err(this.#endHeld(ticket.value, judged, startedMs, refusal, approval));
    const approvers = answer.kind === "approved" ? answer.approverIds : [];
    const again = await this.#decideAgain(judgement.text, view, settings, {
      id: approvalId,
      workflows: judgement.workflows,
      approverIds: approvers,
    });
    if (!again.ok) return err(this.#endHeld(ticket.value, judged, startedMs, again.error, approval));
    const exchange = this.#admitted(ticket.value, again.value, startedMs, approval);
    return ok({ judgement: again.value.judgement, exchange });
  }

  catalogueChanged(): Promise<void> {
    return this.#refreshed();
  }

  close(reason: string): void {
    this.#byText.clear();
    this.#onClose(reason);
  }

  /** The approval answers what was asked; policy, catalogue and session as they are now decide. */
  async #decideAgain(
    text: string,
    view: SessionView,
    settings: SqlSessionSettings,
    approval: ApprovalFact,
  ): Promise<Result<Judged, Denial>> {
    const state = this.#state();
    if (!state.ok) return state;
    if (view.settings !== settings)
      return err(approvalDenial("the session's settings changed while the statement was held"));
    const facts = await this.#parts.analyse(text, settings, state.value.catalogue);
    const judged = this.#decide(text, this.#resolve(facts, view), view, state.value, approval);
    const { judgement } = judged;
    if (judgement.kind === "deny") return err(judgement.denial);
    if (judgement.kind === "ask") return err(approvalDenial("policy now asks for an approval that was not given"));
    return ok(judged);
  }

  #settle(
    text: string,
    facts: readonly StatementFacts[],
    view: SessionView,
    state: StateNow,
  ): Judgement | Promise<Judgement> {
    const unresolved = facts.some((one) => (one.unresolved?.length ?? 0) > 0);
    if (!unresolved || !this.#mayReload(state.catalogue)) return this.#keep(text, facts, view, state);
    return this.#refreshed().then(async () => {
      const fresh = this.#state();
      if (!fresh.ok) return this.#unavailable(text, fresh.error);
      return this.#keep(text, await this.#parts.analyse(text, view.settings, fresh.value.catalogue), view, fresh.value);
    });
  }

  #keep(text: string, facts: readonly StatementFacts[], view: SessionView, state: StateNow): Judgement {
    const { judgement } = this.#decide(text, this.#resolve(facts, view), view, state, undefined);
    if (text.length <= JUDGED_CHARS_MAX && !facts.some((one) => one.executes !== undefined)) {
      if (this.#byText.size >= JUDGEMENTS_MAX) {
        const [oldest] = this.#byText.keys();
        if (oldest !== undefined) this.#byText.delete(oldest);
      }
      this.#byText.set(text, judgement);
    }
    return judgement;
  }

  #resolve(facts: readonly StatementFacts[], view: SessionView): readonly StatementFacts[] {
    if (!facts.some((one) => one.executes !== undefined)) return facts;
    return facts.map((one) => view.resolve(one));
  }

  #decide(
    text: string,
    statements: readonly StatementFacts[],
    view: SessionView,
    state: StateNow,
    approval: ApprovalFact | undefined,
  ): Judged {
    const { clock } = this.#parts;
    const startedMs = clock.monotonic();
    const { inTransaction, settings } = view;
    const nowMs = clock.now();
    const { client, identity } = this.#owner;
    const decision = decideRequest({ ...state, identity, client, statements, inTransaction, nowMs, approval });
    const second = Math.floor(nowMs / 1000);
    const resolved = statements.some((facts) => facts.executes !== undefined);
    const isCurrent = (now: SessionView): boolean => {
      const site = this.#parts.site.current();
      if (!site.ok || site.bundle !== state.bundle || this.#parts.catalogue.current() !== state.catalogue) return false;
      // an approval was bound to this very exchange, which may bind now and execute later
      if (approval) return true;
      if (now.settings !== settings || now.inTransaction !== inTransaction || resolved) return false;
      return Math.floor(clock.now() / 1000) === second;
    };
    const judgement = judgementOf(text, statements, decision, isCurrent);
    const decideUs = (clock.monotonic() - startedMs) * 1000;
    const judged = {
      judgement,
      part: requestPart(text, statements, decision),
      bundleVersion: state.bundle.content.version,
      decideUs,
    };
    this.#judged.set(judgement, judged);
    return judged;
  }

  #state(): Result<StateNow, Denial> {
    const state = this.#parts.site.current();
    if (!state.ok) return err({ kind: "unavailable", policyId: "site", reason: state.reason });
    const resource = this.#parts.site.resource(this.#parts.resourceId);
    if (!resource)
      return err({ kind: "unavailable", policyId: "site", reason: "this resource is no longer part of the site" });
    const catalogue = this.#parts.catalogue.current();
    if (!catalogue) {
      const reason = "the catalogue of this database could not be read yet";
      return err({ kind: "unavailable", policyId: "catalogue", reason, hint: "try again in a moment" });
    }
    return ok({ bundle: state.bundle, catalogue, resource });
  }

  #unavailable(text: string, denial: Denial): Judgement {
    const site = this.#parts.site.current();
    const nothing = {
      text,
      statements: [],
      obligations: undefined,
      masks: [],
      readsHidden: false,
      errorsMayLeak: false,
      strict: false,
    };
    const judgement: Judgement = { ...nothing, kind: "deny", denial, isCurrent: () => false };
    const reason = `${denial.policyId}: ${denial.reason}`;
    const part: RequestPart = { ...textPart(text), verdict: "deny", reason, decisions: [] };
    const bundleVersion = site.ok ? site.bundle.content.version : 0;
    this.#judged.set(judgement, { judgement, part, bundleVersion, decideUs: 0 });
    return judgement;
  }

  #judgedOf(judgement: Judgement): Judged {
    const judged = this.#judged.get(judgement);
    assert(judged, "a judgement of another session");
    return judged;
  }

  #begin(judged: Judged, override: Partial<RecordDraft>): Result<RecordTicket, Denial> {
    const nowMs = this.#parts.clock.now();
    const { bundleVersion, part } = judged;
    const draft: RecordDraft = {
      kind: "exchange",
      id: newId(nowMs),
      atMs: nowMs,
      ...this.#shared,
      ...part,
      bundleVersion,
      ...override,
    };
    const begun = this.#parts.recorder.begin(draft);
    if (begun.ok) return begun;
    log.error({ sessionId: this.sessionId, code: begun.error.code, reason: begun.error.internal }, "record.refused");
    const hint = "nothing passes unrecorded: ask the operators of this enforcer to make room";
    return err({ kind: "recorder", policyId: "recorder", reason: begun.error.public, hint });
  }

  #admitted(
    ticket: RecordTicket,
    judged: Judged,
    startedMs: number,
    approval: OutcomeEntry["approval"],
  ): AdmittedExchange {
    const { clock, recorder } = this.#parts;
    const { judgement, part } = judged;
    return {
      permit: mintPermit(ticket),
      durable: judgement.strict ? recorder.durable(ticket) : undefined,
      finish: (outcome) => {
        const masked = Object.keys(outcome.maskedCells).length > 0;
        recorder.finish(ticket, {
          verdict: masked ? "mask" : part.verdict === "ask" ? "allow" : part.verdict,
          ...(part.reason ? { reason: part.reason } : {}),
          ...(approval ? { approval } : {}),
          outcome: outcomeOf(outcome, judged.decideUs, (clock.monotonic() - startedMs) * 1000),
        });
      },
    };
  }

  #endHeld(
    ticket: RecordTicket,
    judged: Judged,
    startedMs: number,
    denial: Denial,
    approval: OutcomeEntry["approval"],
  ): Denial {
    const reason = `${denial.policyId}: ${denial.reason}`;
    const durationUs = (this.#parts.clock.monotonic() - startedMs) * 1000;
    const outcome = { ...refusedOutcome(reason, judged.decideUs), durationUs: Math.round(durationUs) };
    this.#parts.recorder.finish(ticket, { verdict: "deny", reason, ...(approval ? { approval } : {}), outcome });
    return denial;
  }

  #subject(judged: Judged, parameters: ApprovalSubject["parameters"], settings: SqlSessionSettings): ApprovalSubject {
    const { identity, resource } = this.#owner;
    return {
      resource: { id: resource.id, name: resource.name },
      principals: principalsOf(identity),
      statement: judged.judgement.text,
      parameters,
      actions: judged.part.decisions.map(({ action, resource: on }) => ({
        action,
        resource: `${on.type}::"${on.id}"`,
      })),
      ...(judged.part.facts ? { facts: judged.part.facts } : {}),
      sessionId: this.sessionId,
      bundleVersion: judged.bundleVersion,
      settings: { role: settings.role, search_path: settings.searchPath, client_encoding: settings.clientEncoding },
    };
  }

  #approvalTimeoutMs(workflows: readonly string[]): number {
    const state = this.#parts.site.current();
    if (!state.ok) return APPROVAL_TIMEOUT_MS;
    const known = state.bundle.content.workflows.filter(({ name }) => workflows.includes(name));
    return known.length === 0 ? APPROVAL_TIMEOUT_MS : Math.max(...known.map(({ timeoutMs }) => timeoutMs));
  }

  /** Names that are not in the catalogue are looked up once per snapshot's age, not once per statement. */
  #mayReload(catalogue: Catalogue): boolean {
    const nowMs = this.#parts.clock.monotonic();
    if (this.#reloadedFor === catalogue && nowMs - this.#reloadedAtMs < RELOAD_MS_MIN) return false;
    this.#reloadedAtMs = nowMs;
    return true;
  }

  async #refreshed(): Promise<void> {
    try {
      await this.#parts.catalogue.refresh();
    } catch (cause) {
      // the old snapshot stays: what it does not hold is not understood, and so is denied by default
      log.warn({ sessionId: this.sessionId, ...errorFields(cause) }, "catalogue.refresh_failed");
    }
    this.#reloadedFor = this.#parts.catalogue.current();
  }
}
