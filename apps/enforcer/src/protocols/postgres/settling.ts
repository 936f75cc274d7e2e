import { randomUUID } from "node:crypto";
import type { Catalogue, SqlSessionSettings } from "../../languages/facts.ts";
import * as encode from "./codec/encode.ts";
import { TX } from "./codec/message.ts";
import { SQLSTATE } from "./refuse.ts";
import type { SessionCore } from "./session-core.ts";
import { type Pending, pendingOf } from "./state.ts";

/**
 * What judgements depend on, asked one by one. SHOW names no object that the session could put something else in the place
 * of, and takes no snapshot: the client may still choose its transaction's isolation level afterwards. Those that the server
 * reports by itself are among them: it does so no sooner than with ReadyForQuery, and in the middle of a batch not at all.
 */
const SETTINGS = [
  "role",
  "session_authorization",
  "search_path",
  "standard_conforming_strings",
  "client_encoding",
] as const;

interface OwnQuery {
  readonly resolve: () => void;
  readonly reject: (cause: Error) => void;
}

class OwnQueryFailed extends Error {
  override readonly name = "OwnQueryFailed";
}

/**
 * What must be known again before the next statement is judged: settings after something changed them (asked of the
 * upstream itself, since a rollback or a function may change them unseen) and the catalogue after DDL.
 */
export class Settling {
  readonly #core: SessionCore;
  #resume: (() => void) | undefined;
  /** the query under way that asks for settings */
  #asked: Pending | "query" | "batch" | undefined;
  #values: string[] = [];
  /** our own queries inside of the client's transaction */
  readonly #ownQueries = new Map<Pending, OwnQuery>();
  /** the catalogue is being read: settings that change meanwhile are ours and change back */
  readsCatalogue = false;
  /**
   * What a transaction left behind is being read. Until that is over no statement is sent, so one reading is enough; a second
   * would end later, under statements of the next transaction, and put what it read in the place of what that one sees.
   */
  #followsTransaction = false;

  constructor(core: SessionCore) {
    this.#core = core;
  }

  /** Handles no further client message until everything is settled. */
  wait(): void {
    this.#resume ??= this.#core.stall();
  }

  /** ReadyForQuery was handled. */
  ready(head: Pending): void {
    const { talk } = this.#core;
    const quiet = talk.pending.size === 0 && !talk.batchOpen;
    if (talk.txStatus !== TX.idle || quiet) talk.beginning = false;
    if (talk.txStatus === TX.idle && quiet) this.#transactionOver();
    if (this.#ownQueries.size > 0 && this.#ownQueries.has(head)) return this.#answered(head);
    if (talk.txStatus === TX.failed && talk.catalogueUnsettled) {
      talk.catalogueTouched = true;
      talk.catalogueUnsettled = false;
    }
    if (talk.txStatus === TX.open && talk.catalogueUnsettled && quiet) this.#readCatalogue();
    if (head === this.#asked) this.#settingsRead();
    else this.#readSettingsIfQuiet();
    this.#settle();
  }

  #readSettingsIfQuiet(): void {
    const { talk } = this.#core;
    if (!talk.settingsUnsettled || talk.pending.size > 0 || talk.batchOpen) return;
    // a failed transaction runs nothing until it ends, and its end is looked at again
    if (talk.txStatus === TX.failed) talk.settingsUnsettled = false;
    else this.readSettings();
  }

  /** Asks the upstream for the settings that judgements depend on, while nothing is owed and no batch is open. */
  readSettings(): void {
    if (this.#asked) return;
    this.#asked = "query";
    // a CancelRequest for what ran before must not hit it
    this.#core.cancelling.whenSettled(() => this.#askAlone());
  }

  #askAlone(): void {
    const text = SETTINGS.map((name) => `SHOW ${name}`).join("; ");
    this.#values = [];
    this.#asked = pendingOf("query", { hidden: true, collect: ([value]) => void this.#values.push(value ?? "") });
    this.#core.talk.pending.push(this.#asked);
    this.#send(text);
  }

  /**
   * The same in the middle of a batch, where statements before this one may not have run yet. No further client message is
   * handled until it is known; the settings are read once more after the batch, which may fail and be rolled back.
   */
  waitInBatch(): void {
    const { talk, toUpstream } = this.#core;
    this.wait();
    if (this.#asked) return;
    this.#asked = "batch";
    this.#values = [];
    talk.settledInBatch = true;
    for (const name of SETTINGS) this.#ask(name);
    toUpstream.append(encode.flush());
    toUpstream.flush();
  }

  /** Asks by extended messages under a name of our own, which leaves the client's names as they are. */
  #ask(setting: string): void {
    const { talk, toUpstream } = this.#core;
    const name = `sluice ${randomUUID()}`;
    const last = setting === SETTINGS.at(-1);
    const collect = ([value]: readonly (string | null)[]) => {
      this.#values.push(value ?? "");
      if (last) this.#settingsRead();
      if (last) this.#resumeClient();
    };
    toUpstream.append(encode.parse(name, `SHOW ${setting}`));
    toUpstream.append(encode.bind(name, name));
    toUpstream.append(encode.execute(name, 0));
    toUpstream.append(encode.close("P", name));
    toUpstream.append(encode.close("S", name));
    talk.pending.push(pendingOf("parse", { hidden: true }));
    talk.pending.push(pendingOf("bind", { hidden: true }));
    talk.pending.push(pendingOf("execute", { hidden: true, collect }));
    talk.pending.push(pendingOf("close", { hidden: true }));
    talk.pending.push(pendingOf("close", { hidden: true }));
  }

  #settingsRead(): void {
    const inBatch = this.#asked === "batch";
    this.#asked = undefined;
    const read = settingsOf(this.#values);
    if (!read)
      return this.#core.fatal(SQLSTATE.connectionFailure, "Sluice: the upstream did not tell the session's settings");
    const { talk } = this.#core;
    talk.noteReading(read.standardConformingStrings, read.clientEncoding);
    if (!sameSettings(talk.settings, read)) talk.settings = { ...talk.settings, ...read };
    talk.settingsUnsettled = false;
    if (talk.txStatus === TX.idle && !inBatch) talk.settingsTouched = false;
  }

  /**
   * The catalogue changed inside of the client's transaction, where nobody else sees it yet: it is read over the client's
   * own connection. When that fails the older one stays: what it does not hold is refused.
   */
  #readCatalogue(): void {
    if (this.readsCatalogue) return;
    const { gate, talk } = this.#core;
    this.readsCatalogue = true;
    const over = (catalogue: Catalogue | undefined) =>
      this.#core.guard(() => {
        this.readsCatalogue = false;
        talk.catalogue = catalogue ?? talk.redefined ?? talk.catalogue;
        if (catalogue) talk.redefined = undefined;
        talk.catalogueTouched = true;
        talk.catalogueUnsettled = false;
        this.#readSettingsIfQuiet();
        this.#settle();
      });
    gate
      .readCatalogue((text) => this.#query(text))
      .then(over, (cause: unknown) => (cause instanceof OwnQueryFailed ? over(undefined) : this.#core.bug(cause)));
  }

  /** One query of our own between the client's statements. */
  #query(text: string): Promise<readonly (readonly (string | null)[])[]> {
    return new Promise((resolve, reject) => {
      const rows: (readonly (string | null)[])[] = [];
      const entry = pendingOf("query", { hidden: true, collect: (row) => void rows.push(row) });
      this.#ownQueries.set(entry, { resolve: () => resolve(rows), reject });
      this.#core.cancelling.whenSettled(() => {
        this.#core.talk.pending.push(entry);
        this.#send(text);
      });
    });
  }

  /** A Query ends the unnamed statement and portal: the client's own statement is prepared again before its next use. */
  #send(text: string): void {
    const unnamed = this.#core.talk.statements.get("");
    if (unnamed) unnamed.suspect = true;
    this.#core.talk.endUnnamedPortal();
    this.#core.toUpstream.append(encode.query(text));
    this.#core.toUpstream.flush();
  }

  #answered(entry: Pending): void {
    const query = this.#ownQueries.get(entry);
    this.#ownQueries.delete(entry);
    if (entry.errored) query?.reject(new OwnQueryFailed("the upstream refused to tell its catalogue"));
    else query?.resolve();
  }

  #transactionOver(): void {
    const { gate, talk } = this.#core;
    talk.catalogue = undefined;
    talk.portals.clear();
    for (const exchange of talk.running.all()) talk.finish(exchange, exchange.started ? "ok" : "aborted");
    if (this.#followsTransaction || (!talk.catalogueUnsettled && !talk.catalogueTouched)) return;
    this.#followsTransaction = true;
    talk.catalogueUnsettled = true;
    talk.catalogueTouched = false;
    const settled = (fresh: boolean) => {
      this.#followsTransaction = false;
      talk.catalogueUnsettled = false;
      // what was defined is not known yet, and asked for again after the next statement
      talk.catalogueTouched = !fresh;
      talk.catalogue = fresh ? undefined : talk.redefined;
      if (fresh) talk.redefined = undefined;
      this.#core.guard(() => this.#settle());
    };
    gate.catalogueChanged().then(settled, (cause: unknown) => this.#core.bug(cause));
  }

  #settle(): void {
    if (!this.#core.talk.unsettled && !this.readsCatalogue) this.#resumeClient();
  }

  /** The upstream ignores everything up to Sync: what waits here is among it, and only its Sync brings an answer again. */
  skipped(): void {
    if (this.#asked === "batch") this.#asked = undefined;
    this.#resumeClient();
  }

  #resumeClient(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }
}

type ReadSettings = Omit<SqlSessionSettings, "temporaryNames">;

/** The values that SHOW gave for `SETTINGS`, in their order; undefined where one is missing. */
function settingsOf(values: readonly string[]): ReadSettings | undefined {
  const [chosen, login, searchPath, conforming, clientEncoding] = values;
  if (chosen === undefined || login === undefined || searchPath === undefined) return undefined;
  if (conforming === undefined || clientEncoding === undefined) return undefined;
  const role = chosen === "none" ? login : chosen;
  return { role, searchPath, standardConformingStrings: conforming === "on", clientEncoding };
}

function sameSettings(left: ReadSettings, right: ReadSettings): boolean {
  return (
    left.role === right.role &&
    left.searchPath === right.searchPath &&
    left.standardConformingStrings === right.standardConformingStrings &&
    left.clientEncoding === right.clientEncoding
  );
}
