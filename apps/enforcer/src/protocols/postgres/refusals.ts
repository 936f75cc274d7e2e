import { randomUUID } from "node:crypto";
import type { Denial, Judgement } from "../protocol.ts";
import * as encode from "./codec/encode.ts";
import { FRONTEND, TX } from "./codec/message.ts";
import { effectsOf } from "./effects.ts";
import { denialFrame } from "./refuse.ts";
import type { SessionCore } from "./session-core.ts";
import { pendingOf } from "./state.ts";

/** How a client's message is refused without losing the order of answers or the truth about the transaction. */
export class Refusals {
  readonly #core: SessionCore;

  constructor(core: SessionCore) {
    this.#core = core;
  }

  /** A statement too long to be read at all; its bytes are being skipped. */
  oversized(type: number, bytesMax: number): void {
    const { talk } = this.#core.clientView;
    if (talk.skipToSync) return;
    const denial: Denial = {
      kind: "limit",
      policyId: "limit.statement_bytes",
      reason: `the statement is longer than the ${bytesMax} bytes that this resource accepts`,
      hint: "send it in smaller pieces, or ask an admin to raise the resource's limit",
    };
    this.#core.gate.refuseUnjudged(denial);
    if (type === FRONTEND.query) this.query(denialFrame(denial));
    else this.inBatch(denialFrame(denial));
  }

  /** While settings that a judgement needs are being read back, the next statement stays in line. */
  mustWait(type: number): boolean {
    const { talk, reader } = this.#core.clientView;
    // what comes while our own queries run would have its answers counted among theirs
    if (!(talk.unsettled || this.#core.settling.readsCatalogue) || type === FRONTEND.flush) return false;
    if (talk.batchOpen) {
      if (!talk.settingsUnsettled || type === FRONTEND.describe || type === FRONTEND.close) return false;
      reader.unread();
      this.#core.settling.waitInBatch();
      return true;
    }
    reader.unread();
    this.#core.settling.wait();
    return true;
  }

  /** A COPY out that cannot be masked must not start: its rows could not be taken back. */
  copy(judgement: Judgement): Denial | undefined {
    if (!effectsOf(judgement).copiesOut) return undefined;
    const { masks, statements, text } = judgement;
    for (const [index, { copy }] of statements.entries()) {
      const demand = masks[index];
      if (copy?.direction !== "out" || !demand) continue;
      const columns = demand.lineage === "unknown" ? 1 : demand.lineage.length;
      const { clientEncoding } = this.#core.clientView.talk.settings;
      const plan = this.#core.planCopy(text, { format: copy.format, columns, clientEncoding }, demand);
      if (plan === "clear" || !("refuse" in plan)) continue;
      const hint = "copy columns without a data class, or ask for the right to unmask them";
      return { kind: "policy", policyId: "masking", reason: `this COPY cannot be masked: ${plan.refuse}`, hint };
    }
    return undefined;
  }

  /** Records a refusal and answers it in the place of a Query. */
  denyQuery(judgement: Judgement, denial: Denial): void {
    this.#core.gate.refuse(judgement, denial);
    this.query(denialFrame(denial));
  }

  /** Answers in the place of a Query; the upstream fails too while it has something open. */
  query(error: Buffer): void {
    const { talk } = this.#core.clientView;
    if (talk.pending.size === 0 && talk.txStatus === TX.idle && !talk.batchOpen) {
      this.#core.toClientNow(Buffer.concat([error, encode.readyForQuery(TX.idle)]));
      return;
    }
    this.#core.toUpstream.append(encode.query("refused by Sluice"));
    talk.endBatch();
    talk.pending.push(pendingOf("query", { denial: error }));
  }

  /** Answers in place with an error and lets the upstream fail too, so that its transaction shares the client's view. */
  inBatch(error: Buffer): void {
    const { talk } = this.#core.clientView;
    // no such portal can exist: the name is new each time
    this.#core.toUpstream.append(encode.execute(`refused by Sluice ${randomUUID()}`, 0));
    talk.pending.push(pendingOf("execute", { denial: error }));
    talk.batchOpen = true;
    talk.skipToSync = true;
  }

  /** Records a refusal and answers it in the place of an extended message. */
  deny(judgement: Judgement, denial: Denial): void {
    this.#core.gate.refuse(judgement, denial);
    this.inBatch(denialFrame(denial));
  }
}
