import type { SqlSessionSettings } from "../../languages/facts.ts";
import { looksNamesUpLate, meansTheSame } from "../../languages/late-names.ts";
import type { Denial, Judgement } from "../protocol.ts";
import { bodyOf, decodeExecute } from "./codec/decode.ts";
import * as encode from "./codec/encode.ts";
import type { HeldFrame, Judging } from "./judging.ts";
import type { Refusals } from "./refusals.ts";
import { denialFrame, errorFrame, SQLSTATE } from "./refuse.ts";
import type { SessionCore } from "./session-core.ts";
import { maybeSkipped, Owed, type Portal, pendingOf, type RunningExchange } from "./state.ts";

/** Execute: opens the exchange of a portal, or goes on with it. */
export class Executing {
  readonly #core: SessionCore;
  readonly #refusals: Refusals;
  readonly #judging: Judging;

  constructor(core: SessionCore, refusals: Refusals, judging: Judging) {
    this.#core = core;
    this.#refusals = refusals;
    this.#judging = judging;
  }

  /** Handles the reader's current message. */
  execute(): void {
    const { talk, reader } = this.#core.clientView;
    const { portal: name } = decodeExecute(bodyOf(reader.buffer, reader.start, reader.end));
    const portal = talk.portals.get(name);
    if (!portal) return this.#refusals.inBatch(errorFrame(SQLSTATE.noSuchPortal, `portal "${name}" does not exist`));
    if (maybeSkipped(portal, talk.batch)) return this.#refusals.inBatch(unanswered(name));
    if (portal.settings !== talk.settings && meansAnother(portal, talk.settings))
      return this.#refusals.deny(portal.judgement, SETTINGS_CHANGED);
    const view = talk.under(portal.settings);
    if (portal.judgement.isCurrent(view)) return this.#executeJudged(portal, portal.judgement, undefined);
    const then = (judgement: Judgement, held: HeldFrame) => {
      portal.judgement = judgement;
      this.#executeJudged(portal, judgement, held);
    };
    this.#judging.judge(portal.text, then, view);
  }

  #executeJudged(portal: Portal, judgement: Judgement, held: HeldFrame): void {
    if (judgement.kind === "deny") return this.#refusals.deny(judgement, judgement.denial);
    if (judgement.kind === "ask")
      return this.#refusals.deny(judgement, {
        ...judgement.ask,
        reason: `${judgement.ask.reason} (policy changed since Bind)`,
      });
    if (judgement.mayBegin && !portal.exchange?.started) {
      const over = portal.exchange && judgement.mayBegin() ? undefined : this.#approvalOver(portal);
      if (over) return this.#refusals.deny(judgement, over);
    }
    if (portal.exchange) return this.#sendAgain(portal, portal.exchange, judgement, held);
    const refusal = this.#refusals.copy(judgement);
    if (refusal) return this.#refusals.deny(judgement, refusal);
    const admitted = this.#core.gate.admit(judgement);
    if (!admitted.ok) return this.#refusals.inBatch(denialFrame(admitted.error));
    portal.exchange = this.#core.start(judgement, admitted.value);
    this.#sendExecute(portal, portal.exchange, held);
  }

  /** An approval is for one execution, which begins before the approval's end. */
  #approvalOver(portal: Portal): Denial {
    const reason = portal.exchange
      ? "the time in which its approval could be used is over"
      : "its approval was used already: it is good for one execution";
    if (portal.exchange) this.#core.clientView.talk.finish(portal.exchange, "aborted");
    portal.exchange = undefined;
    return { kind: "approval", policyId: "approval", reason, hint: "run the statement again" };
  }

  /** More rows of a portal, or an approved one: under a newer judgement only if that hides nothing more. */
  #sendAgain(portal: Portal, exchange: RunningExchange, judgement: Judgement, held: HeldFrame): void {
    if (exchange.overdue)
      return this.#refusals.deny(judgement, {
        kind: "time",
        policyId: "limit.time",
        reason: `the time limit of ${exchange.timeMsMax} ms for this statement is over`,
        hint: "run it again",
      });
    const before = exchange.judgement.masks[0]?.hidden.length ?? 0;
    const after = judgement.masks[0]?.hidden.length ?? 0;
    if (after <= before) return this.#sendExecute(portal, exchange, held);
    this.#refusals.deny(judgement, {
      kind: "policy",
      policyId: "masking",
      reason: "columns of this portal are hidden since it was opened",
      hint: "run the statement again",
    });
  }

  #sendExecute(portal: Portal, exchange: RunningExchange, held: HeldFrame): void {
    const { talk } = this.#core.clientView;
    if (!exchange.started) exchange.admitted.permit.spend();
    exchange.started = true;
    exchange.answersOwed++;
    exchange.alone &&= !talk.batchExecuted;
    talk.batchExecuted = true;
    talk.batchOpen = true;
    if (exchange.judgement.masks[0] !== undefined && !portal.described) {
      portal.described = true;
      this.#core.toUpstream.append(encode.describe("P", portal.name));
      talk.pending.push(pendingOf("describe", { hidden: true, portal }));
    }
    this.#judging.forward(held);
    talk.pending.push(new Owed("execute", exchange, portal));
    talk.noteSent(exchange.judgement, exchange.effects);
    if (exchange.effects.copyIn) this.#core.copy.wait(exchange);
  }
}

const SETTINGS_CHANGED: Denial = {
  kind: "unsupported",
  policyId: "protocol.late_names",
  reason: "settings changed since it was bound, and it looks names up when it runs",
  hint: "bind it again",
};

function meansAnother({ judgement, settings }: Portal, now: SqlSessionSettings): boolean {
  return judgement.statements.some(looksNamesUpLate) && !meansTheSame(settings, now);
}

/** The refusal of a portal that may not be there. */
export function unanswered(name: string): Buffer {
  const text = `Sluice: portal "${name}" was bound before a Sync whose answer has not come yet`;
  return errorFrame(SQLSTATE.noSuchPortal, text, "wait for ReadyForQuery before going on with it");
}
