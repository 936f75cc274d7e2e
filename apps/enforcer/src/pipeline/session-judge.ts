import type { BundleResource } from "@sluice/bundle";
import { assert, err, ok, type Result } from "@sluice/kernel";
import { errorFields, logger } from "@sluice/telemetry";
import type { LoadedBundle } from "../control/site.ts";
import type { Catalogue, SqlSessionSettings, StatementFacts } from "../languages/facts.ts";
import { changesMeanings } from "../languages/late-names.ts";
import type { Denial, Judgement, SessionView } from "../protocols/protocol.ts";
import { approvalDenial } from "./approval-outcome.ts";
import type { ApprovalFact } from "./context.ts";
import { mayReadCatalogue } from "./decide.ts";
import type { Decision, DecisionInput } from "./decision.ts";
import { DecisionCache } from "./decision-cache.ts";
import { type RequestPart, requestPart, textPart } from "./draft.ts";
import { judgementOf } from "./judgement.ts";
import type { Judged } from "./records.ts";
import type { PipelineParts, SessionOwner } from "./session-parts.ts";

const JUDGEMENTS_MAX = 256;
const JUDGED_CHARS_MAX = 16_384;
const RELOAD_MS_MIN = 2_000;
const log = logger("enforcer.pipeline");

type StateNow = { readonly bundle: LoadedBundle; readonly catalogue: Catalogue; readonly resource: BundleResource };

/**
 * Judges one session's requests: facts, then policy, kept by exact text until bundle, catalogue, settings, transaction or
 * second change. Records nothing and admits nothing.
 */
export class SessionJudge {
  readonly #parts: PipelineParts;
  readonly #owner: SessionOwner;
  readonly #decisions = new DecisionCache();
  readonly #byText = new Map<string, Judgement>();
  readonly #judged = new WeakMap<Judgement, Judged>();
  /** the last one asked for: mostly the next one too */
  #last: Judged | undefined;
  #reloadedFor: Catalogue | undefined;
  #reloadedAtMs = 0;

  constructor(parts: PipelineParts, owner: SessionOwner) {
    this.#parts = parts;
    this.#owner = owner;
  }

  /** A promise where a catalogue is waited for, or the text is analysed off the event loop. */
  judge(text: string, view: SessionView): Judgement | Promise<Judgement> {
    const known = this.#byText.get(text);
    if (known?.isCurrent(view)) return known;
    // after a start or an outage of the upstream the first statement waits for the catalogue
    if (!view.catalogue && !this.#parts.catalogue.current())
      return this.refreshed().then(() => this.#judge(text, view));
    return this.#judge(text, view);
  }

  #judge(text: string, view: SessionView): Judgement | Promise<Judgement> {
    const state = this.#state(view);
    if (!state.ok) return this.#unavailable(text, state.error);
    const facts = this.#parts.analyse(text, view.settings, state.value.catalogue);
    if (facts instanceof Promise) return facts.then((made) => this.#settle(text, made, view, state.value));
    return this.#settle(text, facts, view, state.value);
  }

  /** What the record of a judgement needs. Asserts that it was made here. */
  judgedOf(judgement: Judgement): Judged {
    if (this.#last?.judgement === judgement) return this.#last;
    const judged = this.#judged.get(judgement);
    assert(judged, "a judgement of another session");
    this.#last = judged;
    return judged;
  }

  /** The approval answers what was asked; policy, catalogue and session as they are now decide. */
  async decideAgain(
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

  /** The session is over. */
  forget(): void {
    this.#byText.clear();
  }

  #settle(
    text: string,
    facts: readonly StatementFacts[],
    view: SessionView,
    state: StateNow,
  ): Judgement | Promise<Judgement> {
    const unresolved = facts.some((one) => (one.unresolved?.length ?? 0) > 0);
    if (!unresolved || view.catalogue || !this.#mayReload(state.catalogue)) return this.#keep(text, facts, view, state);
    return this.refreshed().then(async () => {
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
    // behind what changes names or settings in the same text, what was known before it says nothing
    let sure = true;
    return facts.map((one) => {
      const resolved = sure ? view.resolve(one, state.catalogue) : one;
      sure &&= !changesMeanings(resolved);
      return resolved;
    });
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

  /** Names that are not in the catalogue are looked up once per snapshot's age, not once per statement. */
  #mayReload(catalogue: Catalogue): boolean {
    const nowMs = this.#parts.clock.monotonic();
    if (this.#reloadedFor === catalogue && nowMs - this.#reloadedAtMs < RELOAD_MS_MIN) return false;
    this.#reloadedAtMs = nowMs;
    return true;
  }

  /** Reads the catalogue again; false, and logged, when the upstream fails: the older one stays. */
  async refreshed(): Promise<boolean> {
    let fresh = true;
    try {
      await this.#parts.catalogue.refresh();
    } catch (cause) {
      fresh = false;
      // the old snapshot stays: what it does not hold is not understood, and so is denied by default
      log.warn({ sessionId: this.#owner.sessionId, ...errorFields(cause) }, "catalogue.refresh_failed");
    }
    this.#reloadedFor = this.#parts.catalogue.current();
    return fresh;
  }
}
