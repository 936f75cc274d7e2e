import type { Catalogue, PreparedKind, SqlSessionSettings, StatementFacts } from "../../languages/facts.ts";
import { afterChanges, PreparedNames } from "../../languages/sql/index.ts";
import type { Judgement, SessionView } from "../protocol.ts";
import { TX } from "./codec/message.ts";
import type { SessionEffects } from "./effects.ts";
import { HeldNames } from "./held-names.ts";
import { PendingQueue } from "./pending-queue.ts";
import { RunningExchanges } from "./running-exchanges.ts";
import type { Pending, Portal, Prepared, RunningExchange } from "./state.ts";
import { Uncommitted } from "./uncommitted.ts";

/** Everything both directions of one session know. It holds no socket. */
export class Conversation implements SessionView {
  readonly pending = new PendingQueue();
  readonly statements = new HeldNames<Prepared>(({ text }) => text.length);
  /** their texts are their statements' */
  readonly portals = new HeldNames<Portal>(() => 0);
  /** exchanges whose record is open */
  readonly running = new RunningExchanges();
  /** of those, what waits for its transaction alone */
  readonly uncommitted = new Uncommitted((exchange, status) => this.finish(exchange, status));
  /** exchanges that ended and whose records are completed in a moment */
  readonly #ended: RunningExchange[] = [];
  readonly parameters: Map<string, string>;
  settings: SqlSessionSettings;
  txStatus: number = TX.idle;
  /** a BEGIN is on its way */
  beginning = false;
  /** extended messages were sent since the last Sync */
  batchOpen = false;
  /** counts Syncs sent: an error makes the upstream skip the rest of its batch, and only that */
  batch = 0;
  /** something was executed since the last Sync */
  batchExecuted = false;
  /** the upstream ignores everything until Sync, and so do we */
  skipToSync = false;
  /** the upstream reads COPY data */
  copyIn = false;
  /** what was sent may have changed settings that were not read back yet */
  settingsUnsettled = false;
  /** settings were read back inside of the open batch, which may yet fail and be rolled back */
  settledInBatch = false;
  /** settings changed in a transaction that a rollback may take back */
  settingsTouched = false;
  catalogueUnsettled = false;
  /** the catalogue changed in a transaction that is not over */
  catalogueTouched = false;
  /** as the session sees it in that transaction */
  catalogue: Catalogue | undefined;
  /** what is sure of the catalogue behind the definitions that ran since it was read */
  redefined: Catalogue | undefined;
  /** what EXECUTE and FETCH of a name may do */
  readonly names = new PreparedNames();

  constructor(parameters: Map<string, string>, role: string) {
    this.parameters = parameters;
    this.settings = {
      searchPath: parameters.get("search_path") ?? "",
      standardConformingStrings: parameters.get("standard_conforming_strings") !== "off",
      clientEncoding: parameters.get("client_encoding") ?? "UTF8",
      role,
    };
    // servers before 18 do not report search_path: it is asked for
    this.settingsUnsettled = !parameters.has("search_path");
    this.settingsTouched = this.settingsUnsettled;
  }

  get inTransaction(): boolean {
    return this.txStatus !== TX.idle || this.beginning;
  }

  /** Nothing is owed, open or under way: what comes next begins something of its own. */
  get atRest(): boolean {
    const { batchOpen, copyIn, inTransaction, pending, running } = this;
    return !inTransaction && !batchOpen && !copyIn && pending.size === 0 && running.size === 0;
  }

  get unsettled(): boolean {
    return this.settingsUnsettled || this.catalogueUnsettled;
  }

  /** Takes note of what a request that is being sent will do. */
  noteSent(judgement: Judgement, effects: SessionEffects): void {
    if (effects.begins) this.beginning = true;
    if (effects.changesSession) {
      this.settingsUnsettled = true;
      this.settingsTouched = true;
    }
    if (effects.endsTransaction && this.settingsTouched) this.settingsUnsettled = true;
    if (effects.endsTransaction && this.catalogueTouched) this.catalogueUnsettled = true;
    if (effects.changesCatalogue) this.catalogueUnsettled = true;
    if (effects.changesCatalogue || this.redefined) this.#seeChanges(judgement, effects);
    // settings that change within the text: nobody can say under which of them its names were looked up
    const under = effects.changesSession ? undefined : this.settings;
    if (effects.givesNames)
      for (const facts of judgement.statements)
        if (facts.prepares || facts.opensCursors) this.names.observe(facts, under, judgement.catalogue?.version);
    if (effects.changesNames) this.#distrustNames();
    if (effects.temporaries === "any" || effects.temporaries.length > 0) this.#addTemporaries(effects.temporaries);
  }

  /** A setting that the upstream reported. */
  noteParameter(name: string, value: string): void {
    this.parameters.set(name, value);
    if (name === "search_path") this.settings = { ...this.settings, searchPath: value };
    else if (name === "client_encoding") this.noteReading(this.settings.standardConformingStrings, value);
    else if (name === "standard_conforming_strings") this.noteReading(value !== "off", this.settings.clientEncoding);
  }

  /**
   * How texts are read from now on. The upstream keeps what it prepared as it read it then; here it is judged as it would
   * be read now, so it is prepared again before its next use.
   */
  noteReading(standardConformingStrings: boolean, clientEncoding: string): void {
    const before = this.settings;
    if (before.standardConformingStrings === standardConformingStrings && before.clientEncoding === clientEncoding)
      return;
    this.settings = { ...before, standardConformingStrings, clientEncoding };
    for (const prepared of this.statements.values()) prepared.suspect = true;
  }

  /** A name given by Parse or Bind; SQL cannot say the empty one. */
  noteName(kind: PreparedKind, name: string, judgement: Judgement): void {
    if (name === "") return;
    for (const facts of judgement.statements) {
      const catalogue = judgement.catalogue?.version;
      this.names.note(kind, name, { facts, settings: this.settings, catalogue });
    }
  }

  /** The facts of a statement with those of what it executes by name. */
  resolve(facts: StatementFacts, { version }: Catalogue): StatementFacts {
    return this.names.resolve(facts, this.settings, version);
  }

  /** The session as it was when a portal was bound: the upstream looked its names up then, for good. */
  under(settings: SqlSessionSettings): SessionView {
    if (settings === this.settings) return this;
    const { catalogue, inTransaction } = this;
    const resolve: SessionView["resolve"] = (facts, { version }) => this.names.resolve(facts, settings, version);
    return { settings, inTransaction, catalogue, resolve };
  }

  /** Sync or a Query is being sent: what follows belongs to another batch. */
  endBatch(): void {
    this.batchOpen = false;
    this.batchExecuted = false;
    if (!this.settledInBatch) return;
    this.settledInBatch = false;
    this.settingsUnsettled = true;
    this.settingsTouched = true;
  }

  /**
   * A Query is being sent: it takes the place of the unnamed portal. What it leaves there where it fails inside of a
   * transaction must not be executed: PostgreSQL 18 reads memory that it freed, and its whole cluster goes down.
   */
  endUnnamedPortal(): void {
    const portal = this.portals.get("");
    if (!portal) return;
    this.portals.delete("");
    this.leave(portal);
  }

  /** The upstream skips what is owed behind an error: what was assumed of it is taken back, the newest first. */
  skip(entries: readonly Pending[], failed: RunningExchange | undefined): void {
    for (const entry of entries.toReversed()) {
      entry.undo?.();
      if (entry.kind === "bind") this.#unbind(entry);
      entry.step?.end();
      if (entry.exchange) this.finish(entry.exchange, entry.exchange === failed ? "error" : "aborted");
      if (entry.portal) entry.portal.exchange = undefined;
    }
  }

  /** A Bind that the upstream skipped: the portal before it is there again, and what an approval opened for it is over. */
  #unbind({ portal, replaced }: Pending): void {
    if (!portal) return;
    this.portals.restore(portal.name, portal, replaced);
    if (portal.exchange) this.finish(portal.exchange, "aborted");
  }

  /** Ends an exchange; its record is completed once what is being done now is done, so that no answer waits for it. */
  finish(exchange: RunningExchange, status: "ok" | "error" | "aborted"): void {
    this.running.delete(exchange);
    if (!exchange.end(status)) return;
    this.#ended.push(exchange);
    if (this.#ended.length === 1) void SOON.then(this.#complete);
  }

  /** ReadyForQuery came for a Query. */
  queryDone(exchange: RunningExchange): void {
    if (exchange.error !== undefined) return this.finish(exchange, "error");
    const waits = this.txStatus === TX.open && exchange.judgement.strict && this.uncommitted.keeps(exchange);
    if (waits) exchange.awaitCommit();
    else this.finish(exchange, "ok");
  }

  /** A portal has more rows. */
  suspended(exchange: RunningExchange, portal: Portal): void {
    exchange.answersOwed--;
    if (exchange.judgement.strict) this.uncommitted.keeps(exchange);
    if (this.portals.get(portal.name) !== portal) this.leave(portal);
  }

  /** Nothing more can be asked of a portal: what it still owes ends its exchange, and what it wrote ends with its transaction. */
  leave({ exchange }: Portal, status: "ok" | "aborted" = exchange?.started ? "ok" : "aborted"): void {
    if (!exchange || exchange.answersOwed > 0) return;
    if (this.uncommitted.has(exchange)) exchange.awaitCommit();
    else this.finish(exchange, status);
  }

  readonly #complete = () => {
    for (const exchange of this.#ended.splice(0)) exchange.complete();
  };

  /**
   * Until the catalogue is read again, what follows a definition is judged by what is sure behind it: in a batch, where
   * nothing can be read back before Sync, and wherever reading fails.
   */
  #seeChanges({ catalogue }: Judgement, { endsTransaction, redefines }: SessionEffects): void {
    const before = this.redefined ?? this.catalogue ?? catalogue;
    // a rollback to a savepoint takes some of them back
    const changes = endsTransaction ? [{ kind: "everything" } as const] : redefines;
    this.redefined = before && afterChanges(before, changes);
    if (this.batchOpen) this.catalogue = this.redefined;
  }

  #distrustNames(): void {
    for (const prepared of this.statements.values()) prepared.suspect = true;
    for (const [name, portal] of this.portals.named()) {
      this.portals.delete(name);
      this.leave(portal, "aborted");
    }
  }

  #addTemporaries(names: readonly string[] | "any"): void {
    const before = this.settings.temporaryNames ?? [];
    const temporaryNames =
      names === "any" || before === "any" || before.length + names.length > TEMPORARY_NAMES_MAX
        ? "any"
        : [...new Set([...before, ...names])];
    this.settings = { ...this.settings, temporaryNames };
  }
}

/** What is chained to it comes once what is being done now is done: a third of what a microtask of Node's costs. */
const SOON = Promise.resolve();
const TEMPORARY_NAMES_MAX = 256;
