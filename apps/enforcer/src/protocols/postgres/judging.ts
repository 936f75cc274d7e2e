import type { AdmittedExchange, Denial, Judgement, SessionView } from "../protocol.ts";
import { FRONTEND } from "./codec/message.ts";
import type { Refusals } from "./refusals.ts";
import { denialFrame } from "./refuse.ts";
import type { SessionCore } from "./session-core.ts";

/** A message that was kept while it waited; undefined for the reader's current one. */
export type HeldFrame = Buffer | undefined;

/** A judgement that people must approve. */
export type AskJudgement = Judgement & { readonly kind: "ask" };

/** What a cancel says of a statement that was still being judged. */
const WITHDRAWN: Denial = {
  kind: "withdrawn",
  policyId: "cancel",
  reason: "the statement was cancelled before it was judged",
};

/** How messages get their judgement, at once or later, and go on. */
export class Judging {
  readonly #core: SessionCore;
  readonly #refusals: Refusals;

  constructor(core: SessionCore, refusals: Refusals) {
    this.#core = core;
    this.#refusals = refusals;
  }

  /** Calls back with the text's judgement; no other message is handled before. */
  judge(text: string, then: (judgement: Judgement, held: HeldFrame) => void, view?: SessionView): void {
    const judged = this.#core.gate.judge(text, view ?? this.#core.clientView.talk);
    if (!(judged instanceof Promise)) return then(judged, undefined);
    const held = this.#core.copyFrame();
    const { type } = this.#core.clientView.reader;
    let cancelled = false;
    this.#core.cancelling.whileJudged = () => {
      cancelled = true;
    };
    this.#core.stallFor(judged, (judgement) => {
      this.#core.cancelling.whileJudged = undefined;
      // meanwhile an earlier message of its batch failed: the upstream ignores this one, so nothing is owed for it
      if (this.#core.talk.skipToSync) return;
      if (cancelled && judgement.kind !== "deny") this.#withdraw(type, judgement);
      else then(judgement, held);
    });
  }

  #withdraw(type: number, judgement: Judgement): void {
    this.#core.gate.refuse(judgement, WITHDRAWN);
    if (type === FRONTEND.query) this.#refusals.query(denialFrame(WITHDRAWN));
    else this.#refusals.inBatch(denialFrame(WITHDRAWN));
  }

  /** Asks people and calls back with their answer; no other message is handled before. */
  hold(
    judgement: AskJudgement,
    parameters: readonly (string | null)[],
    then: (
      answer:
        | { readonly ok: true; readonly judgement: Judgement; readonly exchange: AdmittedExchange }
        | { readonly ok: false; readonly denial: Denial },
    ) => void,
  ): void {
    this.#core.hold(judgement, [...parameters], (result) => {
      if (!this.#core.talk.skipToSync)
        return then(result.ok ? { ok: true, ...result.value } : { ok: false, denial: result.error });
      if (result.ok) result.value.exchange.finish({ status: "aborted", rows: 0, bytes: 0, maskedCells: {} });
    });
  }

  /** Sends the message on as it is. */
  forward(held: HeldFrame): void {
    if (held) this.#core.toUpstream.append(held);
    else this.#core.toUpstream.pass(this.#core.clientView.reader);
  }
}
