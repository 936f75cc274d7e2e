import { setTimeout as sleep } from "node:timers/promises";
import type { BundleResource } from "@sluice/bundle";
import { assert, type Clock, err, newId, ok, type Result } from "@sluice/kernel";
import { type ApprovalSubject, approvalDigest } from "@sluice/ledger";
import { errorFields, logger } from "@sluice/telemetry";
import type { Approvals } from "../control/approvals.ts";
import type { LoadedBundle, SiteState } from "../control/site.ts";
import type { ClientIdentity } from "../identity/identity.ts";
import type { Catalogue, SqlSessionSettings, StatementFacts } from "../languages/facts.ts";
import type { AnalyseSql, DiagnoseSql } from "../languages/language.ts";
import type {
  AdmittedExchange,
  ClientFacts,
  Denial,
  HoldHooks,
  Judgement,
  SessionGate,
  SessionView,
  TrustedConnection,
} from "../protocols/protocol.ts";
import type { Recorder } from "../recorder/recorder.ts";
import { approvalDenial, recordedApproval, refusalOf, withdrawn } from "./approval-outcome.ts";
import type { ApprovalFact } from "./context.ts";
import { mayReadCatalogue } from "./decide.ts";
import type { Decision, DecisionInput } from "./decision.ts";
import { DecisionCache } from "./decision-cache.ts";
import { type RequestPart, requestPart, sessionPart, textPart } from "./draft.ts";
import { judgementOf } from "./judgement.ts";
import { rateDenial } from "./rate-denial.ts";
import type { RateTable } from "./rates.ts";
import { type Judged, SessionRecords } from "./records.ts";
import type { ShadowTap } from "./shadow-tap.ts";
import { approvalTimeoutMs, subjectOf } from "./subject.ts";

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
  readonly diagnose: DiagnoseSql;
  readonly catalogue: CatalogueSource;
  /** reads it over a connection that is in the middle of a transaction */
  readonly readCatalogue: (query: TrustedConnection["query"]) => Promise<Catalogue>;
  readonly clock: Clock;
  readonly resourceId: string;
  /** of this resource alone */
  readonly rates: RateTable;
  readonly shadow?: ShadowTap | undefined;
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
const RELOAD_MS_MIN = 2_000;
const REREAD_MS_MIN = 20;
const REREAD_MS_MAX = 320;
const log = logger("enforcer.pipeline");

type StateNow = { readonly bundle: LoadedBundle; readonly catalogue: Catalogue; readonly resource: BundleResource };

/** One session's way through the pipeline: judge, record, permit, finish. Knows no protocol. */
export class SessionPipeline implements SessionGate {
  readonly sessionId: string;
  readonly #parts: PipelineParts;
  readonly #owner: SessionOwner;
  readonly #records: SessionRecords;
  readonly #decisions = new DecisionCache();
  readonly #byText = new Map<string, Judgement>();
  readonly #judged = new WeakMap<Judgement, Judged>();
  readonly #onClose: (reason: string) => void;
  #reloadedFor: Catalogue | undefined;
  #reloadedAtMs = 0;

  constructor(parts: PipelineParts, owner: SessionOwner, onClose: (reason: string) => void) {
    this.#parts = parts;
    this.#owner = owner;
    this.sessionId = owner.sessionId;
    const shared = sessionPart(owner.sessionId, owner.identity, owner.client, owner.resource);
    this.#records = new SessionRecords(parts, shared);
    this.#onClose = onClose;
  }

  judge(text: string, view: SessionView): Judgement | Promise<Judgement> {
    const known = this.#byText.get(text);
    if (known?.isCurrent(view)) return known;
    // after a start or an outage of the upstream the first statement waits for the catalogue
    if (!view.catalogue && !this.#parts.catalogue.current())
      return this.#refreshed().then(() => this.#judge(text, view));
    return this.#judge(text, view);
  }

  #judge(text: string, view: SessionView): Judgement | Promise<Judgement> {
    const state = this.#state(view);
    if (!state.ok) return this.#unavailable(text, state.error);
    const facts = this.#parts.analyse(text, view.settings, state.value.catalogue);
    if (facts instanceof Promise) return facts.then((made) => this.#settle(text, made, view, state.value));
    return this.#settle(text, facts, view, state.value);
  }

  admit(judgement: Judgement & { readonly kind: "allow" }): Result<AdmittedExchange, Denial> {
    const judged = this.#judgedOf(judgement);
    const tooMany = this.#tooMany(judged);
    if (tooMany) return err(tooMany);
    return this.#records.admit(judged);
  }

  refuse(judgement: Judgement, denial: Denial): void {
    this.#records.refuse(this.#judgedOf(judgement), denial);
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
    const judged = this.#judgedOf(judgement);
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
    const again = await this.#decideAgain(judgement.text, view, settings, fact, expiresAtMs);
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
      if (await this.#refreshed()) return true;
      await sleep(pauseMs);
    }
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
    expiresAtMs: number,
  ): Promise<Result<Judged, Denial>> {
    const state = this.#state(view);
    if (!state.ok) return state;
    if (view.settings !== settings)
      return err(approvalDenial("the session's settings changed while the statement was held"));
    const facts = await this.#parts.analyse(text, settings, state.value.catalogue);
    const judged = this.#decide(
      text,
      this.#resolve(facts, view, state.value),
      view,
      state.value,
      approval,
      expiresAtMs,
    );
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
    if (!unresolved || view.catalogue || !this.#mayReload(state.catalogue)) return this.#keep(text, facts, view, state);
    return this.#refreshed().then(async () => {
      const fresh = this.#state(view);
      if (!fresh.ok) return this.#unavailable(text, fresh.error);
      return this.#keep(text, await this.#parts.analyse(text, view.settings, fresh.value.catalogue), view, fresh.value);
    });
  }

  #keep(text: string, facts: readonly StatementFacts[], view: SessionView, state: StateNow): Judgement {
    const { judgement } = this.#decide(text, this.#resolve(facts, view, state), view, state, undefined);
    if (text.length <= JUDGED_CHARS_MAX && !facts.some((one) => one.executes !== undefined)) {
      if (this.#byText.size >= JUDGEMENTS_MAX) {
        const [oldest] = this.#byText.keys();
        if (oldest !== undefined) this.#byText.delete(oldest);
      }
      this.#byText.set(text, judgement);
    }
    return judgement;
  }

  #resolve(facts: readonly StatementFacts[], view: SessionView, state: StateNow): readonly StatementFacts[] {
    if (!facts.some((one) => one.executes !== undefined)) return facts;
    return facts.map((one) => view.resolve(one, state.catalogue));
  }

  #decide(
    text: string,
    statements: readonly StatementFacts[],
    view: SessionView,
    state: StateNow,
    approval: ApprovalFact | undefined,
    approvalEndsAtMs?: number,
  ): Judged {
    const { clock } = this.#parts;
    const startedMs = clock.monotonic();
    const { inTransaction, settings } = view;
    // a judgement is good for its second, so it is made for the second: all of them in it are made of the same time
    const second = Math.floor(clock.now() / 1000);
    const { client, identity } = this.#owner;
    const nowMs = second * 1000;
    const input = { ...state, identity, client, statements, inTransaction, nowMs, approval };
    const decision = this.#explained(text, this.#decisions.decide(input), input, settings);
    const resolved = statements.some((facts) => facts.executes !== undefined);
    const isCurrent = (now: SessionView): boolean => {
      const site = this.#parts.site.current();
      const catalogue = now.catalogue ?? this.#parts.catalogue.current();
      if (!site.ok || site.bundle !== state.bundle || catalogue !== state.catalogue) return false;
      // an approval was bound to this very exchange, which may bind now and execute later
      if (approval) return true;
      if (now.settings !== settings || now.inTransaction !== inTransaction || resolved) return false;
      return Math.floor(clock.now() / 1000) === second;
    };
    const made = judgementOf(text, statements, decision, { catalogue: state.catalogue, isCurrent });
    const mayBegin = () =>
      approvalEndsAtMs !== undefined && clock.now() < Math.min(approvalEndsAtMs, decision.grantsEndMs);
    const judgement = approval ? { ...made, mayBegin } : made;
    const decideUs = Math.round((clock.monotonic() - startedMs) * 10_000) / 10;
    const judged = {
      judgement,
      part: requestPart(text, statements, decision),
      bundleVersion: state.bundle.content.version,
      decideUs,
      sample: { input, decision },
    };
    this.#judged.set(judgement, judged);
    return judged;
  }

  /** A refusal with what the text itself gets wrong and where to look. The cached decision knows no text. */
  #explained(text: string, decision: Decision, input: DecisionInput, settings: SqlSessionSettings): Decision {
    const { denial, kind, refused } = decision;
    if (kind !== "deny" || !denial || !refused) return decision;
    const { catalogue, statements } = input;
    const { mistake, position } = this.#parts.diagnose(text, statements, refused, { settings, catalogue });
    const told = mistake && (mistake.kind === "syntax" || mayReadCatalogue(input));
    if (mistake && !told) return decision;
    return { ...decision, denial: { ...denial, mistake, position } };
  }

  #state(view: SessionView): Result<StateNow, Denial> {
    const state = this.#parts.site.current();
    if (!state.ok) return err({ kind: "unavailable", policyId: "site", reason: state.reason });
    const resource = this.#parts.site.resource(this.#parts.resourceId);
    if (!resource)
      return err({ kind: "unavailable", policyId: "site", reason: "this resource is no longer part of the site" });
    const catalogue = view.catalogue ?? this.#parts.catalogue.current();
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
      catalogue: undefined,
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

  /** Counts an exchange that policy limits in its rate; refused and recorded when it is one too many. */
  #tooMany(judged: Judged): Denial | undefined {
    const limit = judged.judgement.obligations?.ratePerMinuteMax;
    if (limit === undefined) return undefined;
    const denial = rateDenial(this.#parts.rates, this.#owner.identity, limit);
    if (denial) this.#records.refuse(judged, denial);
    return denial;
  }

  /** Names that are not in the catalogue are looked up once per snapshot's age, not once per statement. */
  #mayReload(catalogue: Catalogue): boolean {
    const nowMs = this.#parts.clock.monotonic();
    if (this.#reloadedFor === catalogue && nowMs - this.#reloadedAtMs < RELOAD_MS_MIN) return false;
    this.#reloadedAtMs = nowMs;
    return true;
  }

  async #refreshed(): Promise<boolean> {
    let fresh = true;
    try {
      await this.#parts.catalogue.refresh();
    } catch (cause) {
      fresh = false;
      // the old snapshot stays: what it does not hold is not understood, and so is denied by default
      log.warn({ sessionId: this.sessionId, ...errorFields(cause) }, "catalogue.refresh_failed");
    }
    this.#reloadedFor = this.#parts.catalogue.current();
    return fresh;
  }
}
