import type { AdmittedExchange, Denial, Judgement, SessionView } from "../protocol.ts";
import { bodyOf, decodeBindNames, decodeExecute, decodeParse, decodeQuery, decodeTarget } from "./codec/decode.ts";
import * as encode from "./codec/encode.ts";
import { FRONTEND } from "./codec/message.ts";
import { effectsOf } from "./effects.ts";
import { isFull, tooManyFrame } from "./held-names.ts";
import { parameterTexts } from "./parameter-texts.ts";
import type { Refusals } from "./refusals.ts";
import { denialFrame, errorFrame, SQLSTATE } from "./refuse.ts";
import type { SessionCore } from "./session-core.ts";
import { Owed, type Portal, type Prepared, pendingOf, type RunningExchange } from "./state.ts";

type Frame = Buffer | undefined;
type AskJudgement = Judgement & { readonly kind: "ask" };

/**
 * Handles whole client messages in order. Each is forwarded, refused, or held; while one is held (`core.stall`) no other
 * is handled. A refused message is replaced by one that must fail upstream, so that ordering, implicit transactions
 * and the transaction status stay PostgreSQL's own; its error is then replaced by ours (see README).
 */
export class ClientSide {
  readonly #core: SessionCore;
  readonly #refusals: Refusals;

  constructor(core: SessionCore, refusals: Refusals) {
    this.#core = core;
    this.#refusals = refusals;
  }

  /** Handles the reader's current frame. */
  handle(): void {
    const { talk, reader } = this.#core.clientView;
    const { type } = reader;
    if (type === FRONTEND.terminate) return this.#core.clientGone("terminated by the client");
    if (type === FRONTEND.copyData || type === FRONTEND.copyDone || type === FRONTEND.copyFail) return this.#copy(type);
    if (talk.copyIn) return this.#duringCopy(type);
    if (type === FRONTEND.sync) return this.#sync();
    if (talk.skipToSync) return;
    if (this.#refusals.mustWait(type) || this.#core.limiting.time.holdsBack(type)) return;
    switch (type) {
      case FRONTEND.query:
        return this.#query();
      case FRONTEND.parse:
        return this.#parse();
      case FRONTEND.bind:
        return this.#bind();
      case FRONTEND.describe:
        return this.#describe();
      case FRONTEND.execute:
        return this.#execute();
      case FRONTEND.close:
        return this.#close();
      case FRONTEND.flush:
        return this.#core.toUpstream.pass(reader);
      case FRONTEND.functionCall:
        return this.#refusals.query(
          errorFrame(
            SQLSTATE.featureNotSupported,
            "Sluice: function calls by OID cannot be judged",
            "call the function in a SELECT",
          ),
        );
      default:
        return this.#core.fatal(SQLSTATE.protocolViolation, `Sluice: a message of type ${type} is not legal here`);
    }
  }

  #query(): void {
    const { reader } = this.#core.clientView;
    const text = decodeQuery(bodyOf(reader.buffer, reader.start, reader.end));
    this.#judge(text, (judgement, held) => {
      if (judgement.kind === "deny") return this.#refusals.denyQuery(judgement, judgement.denial);
      if (judgement.kind === "allow") return this.#admitQuery(judgement, held);
      const refusal = this.#refusals.copy(judgement);
      if (refusal) return this.#refusals.denyQuery(judgement, refusal);
      const frame = held ?? this.#core.copyFrame();
      this.#hold(judgement, [], (answer) => {
        if (!answer.ok) this.#refusals.query(denialFrame(answer.denial));
        else this.#sendQuery(answer.judgement, answer.exchange, frame);
      });
    });
  }

  #admitQuery(judgement: Judgement & { readonly kind: "allow" }, held: Frame): void {
    const refusal = this.#refusals.copy(judgement);
    if (refusal) return this.#refusals.denyQuery(judgement, refusal);
    const admitted = this.#core.gate.admit(judgement);
    if (!admitted.ok) return this.#refusals.query(denialFrame(admitted.error));
    this.#sendQuery(judgement, admitted.value, held);
  }

  #sendQuery(judgement: Judgement, admitted: AdmittedExchange, held: Frame): void {
    const { talk } = this.#core.clientView;
    admitted.permit.spend();
    this.#forward(held);
    const exchange = this.#core.start(judgement, admitted);
    exchange.started = true;
    exchange.alone = !talk.batchExecuted;
    talk.pending.push(new Owed("query", exchange));
    talk.endBatch();
    talk.noteSent(judgement);
    if (effectsOf(judgement).copyIn) this.#core.copy.wait(exchange);
  }

  #parse(): void {
    const { talk, reader } = this.#core.clientView;
    const message = decodeParse(bodyOf(reader.buffer, reader.start, reader.end));
    if (isFull(talk.statements, message.name, message.text.length))
      return this.#refusals.inBatch(tooManyFrame("prepared statements"));
    this.#judge(message.text, (judgement, held) => {
      if (judgement.kind === "deny") return this.#refusals.deny(judgement, judgement.denial);
      this.#forward(held);
      talk.batchOpen = true;
      const previous = talk.statements.get(message.name);
      const prepared: Prepared = { ...message, judgement, suspect: false, confirmed: false, batch: talk.batch };
      talk.statements.set(message.name, prepared);
      const undo = () => restore(talk.statements, message.name, prepared, previous);
      talk.noteName("statement", message.name, judgement);
      const step = this.#core.limiting.time.beginStep(judgement);
      talk.pending.push(pendingOf("parse", { prepared, undo, step }));
    });
  }

  #bind(): void {
    const { talk, reader } = this.#core.clientView;
    const names = decodeBindNames(bodyOf(reader.buffer, reader.start, reader.end));
    const prepared = talk.statements.get(names.statement);
    if (!prepared)
      return this.#refusals.inBatch(
        errorFrame(SQLSTATE.noSuchStatement, `prepared statement "${names.statement}" does not exist`),
      );
    if (isFull(talk.portals, names.portal, 0)) return this.#refusals.inBatch(tooManyFrame("portals"));
    if (prepared.judgement.kind !== "deny" && prepared.judgement.isCurrent(talk))
      return this.#bindJudged(names.portal, prepared, undefined);
    this.#judge(prepared.text, (judgement, held) => {
      prepared.judgement = judgement;
      this.#bindJudged(names.portal, prepared, held);
    });
  }

  #bindJudged(name: string, prepared: Prepared, held: Frame): void {
    const { judgement } = prepared;
    if (judgement.kind === "deny") return this.#refusals.deny(judgement, judgement.denial);
    if (judgement.kind === "allow") return this.#sendBind(name, prepared, judgement, held, undefined);
    const refusal = this.#refusals.copy(judgement);
    if (refusal) return this.#refusals.deny(judgement, refusal);
    const frame = held ?? this.#core.copyFrame();
    this.#hold(judgement, parameterTexts(frame, prepared.parameterTypes), (answer) => {
      if (!answer.ok) return this.#refusals.inBatch(denialFrame(answer.denial));
      const exchange = this.#core.start(answer.judgement, answer.exchange);
      this.#sendBind(name, prepared, answer.judgement, frame, exchange);
    });
  }

  #sendBind(
    name: string,
    prepared: Prepared,
    judgement: Judgement,
    held: Frame,
    exchange: RunningExchange | undefined,
  ): void {
    const { talk } = this.#core.clientView;
    if (prepared.suspect || maybeSkipped(prepared, talk.batch)) this.#prepareAgain(prepared);
    this.#forward(held);
    talk.batchOpen = true;
    const previous = talk.portals.get(name);
    if (previous?.exchange && name === "") talk.finish(previous.exchange, previous.exchange.started ? "ok" : "aborted");
    const portal: Portal = {
      name,
      judgement,
      text: prepared.text,
      settings: talk.settings,
      exchange,
      confirmed: false,
      batch: talk.batch,
      fields: undefined,
      described: false,
    };
    talk.portals.set(name, portal);
    talk.noteName("cursor", name, judgement);
    const undo = () => {
      restore(talk.portals, name, portal, previous);
      if (exchange) talk.finish(exchange, "aborted");
    };
    const owed = new Owed("bind", undefined, portal, undo);
    owed.step = this.#core.limiting.time.beginStep(judgement);
    talk.pending.push(owed);
  }

  /** Puts the statement that was judged back under its name, whatever was put there since. */
  #prepareAgain(prepared: Prepared): void {
    const { talk } = this.#core.clientView;
    const { toUpstream } = this.#core;
    prepared.suspect = false;
    prepared.confirmed = false;
    prepared.batch = talk.batch;
    const undo = () => {
      prepared.suspect = true;
    };
    toUpstream.append(encode.close("S", prepared.name));
    talk.pending.push(pendingOf("close", { hidden: true, undo }));
    toUpstream.append(encode.parse(prepared.name, prepared.text, prepared.parameterTypes));
    const step = this.#core.limiting.time.beginStep(prepared.judgement);
    talk.pending.push(pendingOf("parse", { hidden: true, prepared, undo, step }));
  }

  #describe(): void {
    const { talk, reader } = this.#core.clientView;
    const target = decodeTarget(bodyOf(reader.buffer, reader.start, reader.end));
    if (target.kind === "S") {
      const prepared = talk.statements.get(target.name);
      if (!prepared)
        return this.#refusals.inBatch(
          errorFrame(SQLSTATE.noSuchStatement, `prepared statement "${target.name}" does not exist`),
        );
      if (prepared.suspect || maybeSkipped(prepared, talk.batch)) this.#prepareAgain(prepared);
      talk.pending.push(pendingOf("describe", { prepared }));
    } else {
      const portal = talk.portals.get(target.name);
      if (portal && maybeSkipped(portal, talk.batch)) return this.#refusals.inBatch(unanswered(target.name));
      if (portal) portal.described = true;
      // a cursor that SQL declared is a portal too; its description carries no values, and the upstream knows if it is there
      talk.pending.push(new Owed("describe", undefined, portal));
    }
    talk.batchOpen = true;
    this.#core.toUpstream.pass(reader);
  }

  #execute(): void {
    const { talk, reader } = this.#core.clientView;
    const { portal: name } = decodeExecute(bodyOf(reader.buffer, reader.start, reader.end));
    const portal = talk.portals.get(name);
    if (!portal) return this.#refusals.inBatch(errorFrame(SQLSTATE.noSuchPortal, `portal "${name}" does not exist`));
    if (maybeSkipped(portal, talk.batch)) return this.#refusals.inBatch(unanswered(name));
    const view = talk.under(portal.settings);
    if (portal.judgement.isCurrent(view)) return this.#executeJudged(portal, portal.judgement, undefined);
    const then = (judgement: Judgement, held: Frame) => {
      portal.judgement = judgement;
      this.#executeJudged(portal, judgement, held);
    };
    this.#judge(portal.text, then, view);
  }

  #executeJudged(portal: Portal, judgement: Judgement, held: Frame): void {
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
  #sendAgain(portal: Portal, exchange: RunningExchange, judgement: Judgement, held: Frame): void {
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

  #sendExecute(portal: Portal, exchange: RunningExchange, held: Frame): void {
    const { talk } = this.#core.clientView;
    if (!exchange.started) exchange.admitted.permit.spend();
    exchange.started = true;
    exchange.alone &&= !talk.batchExecuted;
    talk.batchExecuted = true;
    talk.batchOpen = true;
    if (exchange.judgement.masks[0] !== undefined && !portal.described) {
      portal.described = true;
      this.#core.toUpstream.append(encode.describe("P", portal.name));
      talk.pending.push(pendingOf("describe", { hidden: true, portal }));
    }
    this.#forward(held);
    talk.pending.push(new Owed("execute", exchange, portal));
    talk.noteSent(exchange.judgement);
    if (effectsOf(exchange.judgement).copyIn) this.#core.copy.wait(exchange);
  }

  #close(): void {
    const { talk, reader } = this.#core.clientView;
    const target = decodeTarget(bodyOf(reader.buffer, reader.start, reader.end));
    let undo: () => void;
    if (target.kind === "S") {
      const previous = talk.statements.get(target.name);
      talk.statements.delete(target.name);
      undo = () => restore(talk.statements, target.name, undefined, previous);
    } else {
      const previous = talk.portals.get(target.name);
      talk.portals.delete(target.name);
      if (previous?.exchange) talk.finish(previous.exchange, previous.exchange.started ? "ok" : "aborted");
      undo = () => restore(talk.portals, target.name, undefined, previous);
    }
    talk.batchOpen = true;
    talk.pending.push(pendingOf("close", { undo }));
    this.#core.toUpstream.pass(reader);
  }

  #sync(): void {
    const { talk, reader } = this.#core.clientView;
    talk.skipToSync = false;
    talk.batch++;
    talk.endBatch();
    talk.pending.push(new Owed("sync"));
    this.#core.toUpstream.pass(reader);
  }

  #copy(type: number): void {
    const { talk, reader } = this.#core.clientView;
    // outside of COPY the server ignores these: the client had not yet seen its error
    if (!talk.copyIn) return;
    if (type !== FRONTEND.copyFail && !this.#core.limiting.takesIn()) return;
    this.#core.toUpstream.pass(reader);
    if (type === FRONTEND.copyData) return;
    talk.copyIn = false;
    const { head } = talk.pending;
    if (head?.kind === "query" && head.exchange) this.#core.copy.wait(head.exchange);
  }

  #duringCopy(type: number): void {
    // the server ignores both while it reads COPY data (protocol-flow, COPY operations)
    if (type === FRONTEND.sync || type === FRONTEND.flush) return;
    this.#core.fatal(SQLSTATE.protocolViolation, "Sluice: only COPY data is legal during COPY FROM STDIN");
  }

  #judge(text: string, then: (judgement: Judgement, held: Frame) => void, view?: SessionView): void {
    const judged = this.#core.gate.judge(text, view ?? this.#core.clientView.talk);
    if (!(judged instanceof Promise)) return then(judged, undefined);
    const held = this.#core.copyFrame();
    this.#core.stallFor(judged, (judgement) => {
      // meanwhile an earlier message of its batch failed: the upstream ignores this one, so nothing is owed for it
      if (!this.#core.talk.skipToSync) then(judgement, held);
    });
  }

  #hold(
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

  #forward(held: Frame): void {
    if (held) this.#core.toUpstream.append(held);
    else this.#core.toUpstream.pass(this.#core.clientView.reader);
  }
}

function unanswered(name: string): Buffer {
  const text = `Sluice: portal "${name}" was bound before a Sync whose answer has not come yet`;
  return errorFrame(SQLSTATE.noSuchPortal, text, "wait for ReadyForQuery before going on with it");
}

/** Takes a change back, unless a later one has put something else there. */
function restore<V>(map: Map<string, V>, name: string, set: V | undefined, previous: V | undefined): void {
  if (map.get(name) !== set) return;
  if (previous === undefined) map.delete(name);
  else map.set(name, previous);
}

/** Whether the upstream may have skipped it, so that the name still means what it meant before. */
function maybeSkipped(named: { readonly confirmed: boolean; readonly batch: number }, batch: number): boolean {
  return !named.confirmed && named.batch !== batch;
}
