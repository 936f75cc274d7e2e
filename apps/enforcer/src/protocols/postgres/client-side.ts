import type { AdmittedExchange, Denial, Judgement } from "../protocol.ts";
import { bodyOf, decodeBindNames, decodeParse, decodeQuery, decodeTarget } from "./codec/decode.ts";
import * as encode from "./codec/encode.ts";
import { FRONTEND } from "./codec/message.ts";
import { Executing, unanswered } from "./executing.ts";
import { tooManyFrame } from "./held-names.ts";
import { type HeldFrame, Judging } from "./judging.ts";
import { parameterTexts } from "./parameter-texts.ts";
import type { Refusals } from "./refusals.ts";
import { denialFrame, errorFrame, SQLSTATE } from "./refuse.ts";
import type { SessionCore } from "./session-core.ts";
import { maybeSkipped, Owed, type Portal, type Prepared, pendingOf, type RunningExchange } from "./state.ts";

/**
 * Handles whole client messages in order. Each is forwarded, refused, or held; while one is held (`core.stall`) no other
 * is handled. A refused message is replaced by one that must fail upstream, so that ordering, implicit transactions
 * and the transaction status stay PostgreSQL's own; its error is then replaced by ours (see README).
 */
export class ClientSide {
  readonly #core: SessionCore;
  readonly #refusals: Refusals;
  readonly #judging: Judging;
  readonly #executing: Executing;

  constructor(core: SessionCore, refusals: Refusals) {
    this.#core = core;
    this.#refusals = refusals;
    this.#judging = new Judging(core, refusals);
    this.#executing = new Executing(core, refusals, this.#judging);
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
        return this.#executing.execute();
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
    this.#judging.judge(text, (judgement, held) => {
      if (judgement.kind === "deny") return this.#refusals.denyQuery(judgement, judgement.denial);
      if (judgement.kind === "allow") return this.#admitQuery(judgement, held);
      const refusal = this.#refusals.copy(judgement);
      if (refusal) return this.#refusals.denyQuery(judgement, refusal);
      const frame = held ?? this.#core.copyFrame();
      this.#judging.hold(judgement, [], (answer) => {
        if (!answer.ok) this.#refusals.query(denialFrame(answer.denial));
        else this.#sendQuery(answer.judgement, answer.exchange, frame);
      });
    });
  }

  #admitQuery(judgement: Judgement & { readonly kind: "allow" }, held: HeldFrame): void {
    const refusal = this.#refusals.copy(judgement);
    if (refusal) return this.#refusals.denyQuery(judgement, refusal);
    const admitted = this.#core.gate.admit(judgement);
    if (!admitted.ok) return this.#refusals.query(denialFrame(admitted.error));
    this.#sendQuery(judgement, admitted.value, held);
  }

  #sendQuery(judgement: Judgement, admitted: AdmittedExchange, held: HeldFrame): void {
    const { talk } = this.#core.clientView;
    admitted.permit.spend();
    this.#judging.forward(held);
    const exchange = this.#core.start(judgement, admitted);
    exchange.started = true;
    exchange.alone = !talk.batchExecuted;
    talk.pending.push(new Owed("query", exchange));
    talk.endUnnamedPortal();
    talk.endBatch();
    talk.noteSent(judgement, exchange.effects);
    if (exchange.effects.copyIn) this.#core.copy.wait(exchange);
  }

  #parse(): void {
    const { talk, reader } = this.#core.clientView;
    const message = decodeParse(bodyOf(reader.buffer, reader.start, reader.end));
    if (talk.statements.isFull(message.name, message.text.length))
      return this.#refusals.inBatch(tooManyFrame("prepared statements"));
    this.#judging.judge(message.text, (judgement, held) => {
      const denial = judgement.kind === "deny" ? judgement.denial : callsByType(judgement, message.parameterTypes);
      if (denial) return this.#refusals.deny(judgement, denial);
      this.#judging.forward(held);
      talk.batchOpen = true;
      const previous = talk.statements.get(message.name);
      const prepared: Prepared = { ...message, judgement, suspect: false, confirmed: false, batch: talk.batch };
      talk.statements.set(message.name, prepared);
      const undo = () => talk.statements.restore(message.name, prepared, previous);
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
    if (talk.portals.isFull(names.portal, 0)) return this.#refusals.inBatch(tooManyFrame("portals"));
    if (prepared.judgement.kind !== "deny" && prepared.judgement.isCurrent(talk))
      return this.#bindJudged(names.portal, prepared, undefined);
    this.#judging.judge(prepared.text, (judgement, held) => {
      prepared.judgement = judgement;
      this.#bindJudged(names.portal, prepared, held);
    });
  }

  #bindJudged(name: string, prepared: Prepared, held: HeldFrame): void {
    const { judgement } = prepared;
    if (judgement.kind === "deny") return this.#refusals.deny(judgement, judgement.denial);
    if (judgement.kind === "allow") return this.#sendBind(name, prepared, judgement, held, undefined);
    const refusal = this.#refusals.copy(judgement);
    if (refusal) return this.#refusals.deny(judgement, refusal);
    const frame = held ?? this.#core.copyFrame();
    this.#judging.hold(judgement, parameterTexts(frame, prepared.parameterTypes), (answer) => {
      if (!answer.ok) return this.#refusals.inBatch(denialFrame(answer.denial));
      const exchange = this.#core.start(answer.judgement, answer.exchange);
      this.#sendBind(name, prepared, answer.judgement, frame, exchange);
    });
  }

  #sendBind(
    name: string,
    prepared: Prepared,
    judgement: Judgement,
    held: HeldFrame,
    exchange: RunningExchange | undefined,
  ): void {
    const { talk } = this.#core.clientView;
    if (prepared.suspect || maybeSkipped(prepared, talk.batch)) this.#prepareAgain(prepared);
    this.#judging.forward(held);
    talk.batchOpen = true;
    const previous = talk.portals.get(name);
    if (previous && name === "") talk.leave(previous);
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
    const owed = new Owed("bind", undefined, portal);
    owed.replaced = previous;
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

  #close(): void {
    const { talk, reader } = this.#core.clientView;
    const target = decodeTarget(bodyOf(reader.buffer, reader.start, reader.end));
    let undo: () => void;
    if (target.kind === "S") {
      const previous = talk.statements.get(target.name);
      talk.statements.delete(target.name);
      undo = () => talk.statements.restore(target.name, undefined, previous);
    } else {
      const previous = talk.portals.get(target.name);
      talk.portals.delete(target.name);
      if (previous) talk.leave(previous);
      undo = () => talk.portals.restore(target.name, undefined, previous);
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
    const step = this.#core.limiting.time.commits();
    talk.pending.push(step ? pendingOf("sync", { step }) : new Owed("sync"));
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
}

/** A value of a type whose checks call functions is made by Bind, and no text says so: its type has to stand in the text. */
function callsByType({ catalogue }: Judgement, parameterTypes: readonly number[]): Denial | undefined {
  const at = parameterTypes.findIndex((type) => catalogue?.typeChecks?.has(type));
  if (at < 0) return undefined;
  const parameter = `$${at + 1}`;
  return {
    kind: "unsupported",
    policyId: "protocol.parameter_type",
    reason: `the type that was declared for parameter ${parameter} has checks that call functions`,
    hint: `leave the type open and cast in the statement: ${parameter}::type`,
  };
}
