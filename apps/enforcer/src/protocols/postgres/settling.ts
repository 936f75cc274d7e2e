import * as encode from "./codec/encode.ts";
import { TX } from "./codec/message.ts";
import { SQLSTATE } from "./refuse.ts";
import type { SessionCore } from "./session-core.ts";
import { type Pending, pendingOf } from "./state.ts";

/** Both are keywords or qualified: no object of the session can stand in for them. */
const SETTINGS_QUERY = "SELECT current_user, pg_catalog.current_setting('search_path')";

/**
 * What must be known again before the next statement is judged: settings after something changed them (asked of the
 * upstream itself, since a rollback or a function may change them unseen) and the catalogue after DDL.
 */
export class Settling {
  readonly #core: SessionCore;
  #resume: (() => void) | undefined;
  #reading = false;
  #rows: (readonly (string | null)[])[] = [];

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
    if (talk.txStatus !== TX.idle && talk.catalogueUnsettled) {
      talk.catalogueTouched = true;
      talk.catalogueUnsettled = false;
    }
    if (head.collect) this.#settingsRead();
    else if (talk.settingsUnsettled && quiet) {
      // a failed transaction runs nothing until it ends, and its end is looked at again
      if (talk.txStatus === TX.failed) talk.settingsUnsettled = false;
      else this.readSettings();
    }
    this.#settle();
  }

  /** Asks the upstream for the settings that judgements depend on. */
  readSettings(): void {
    if (this.#reading) return;
    this.#reading = true;
    // a CancelRequest for what ran before must not hit it
    this.#core.cancelling.whenSettled(() => this.#ask());
  }

  #ask(): void {
    const rows: (readonly (string | null)[])[] = [];
    this.#rows = rows;
    this.#core.toUpstream.append(encode.query(SETTINGS_QUERY));
    this.#core.talk.pending.push(pendingOf("query", { hidden: true, collect: (row) => void rows.push(row) }));
    this.#core.toUpstream.flush();
  }

  #settingsRead(): void {
    this.#reading = false;
    const [role, searchPath] = this.#rows[0] ?? [];
    if (typeof role !== "string" || typeof searchPath !== "string")
      return this.#core.fatal(SQLSTATE.connectionFailure, "Sluice: the upstream did not tell the session's settings");
    const { talk } = this.#core;
    const { settings } = talk;
    if (settings.role !== role || settings.searchPath !== searchPath) talk.settings = { ...settings, role, searchPath };
    talk.settingsUnsettled = false;
    if (talk.txStatus === TX.idle) talk.settingsTouched = false;
  }

  #transactionOver(): void {
    const { gate, talk } = this.#core;
    talk.portals.clear();
    for (const exchange of talk.running) talk.finish(exchange, exchange.started ? "ok" : "aborted");
    if (!talk.catalogueUnsettled && !talk.catalogueTouched) return;
    talk.catalogueUnsettled = true;
    talk.catalogueTouched = false;
    const settled = () => {
      talk.catalogueUnsettled = false;
      this.#core.guard(() => this.#settle());
    };
    gate.catalogueChanged().then(settled, (cause: unknown) => this.#core.bug(cause));
  }

  #settle(): void {
    if (!this.#core.talk.unsettled) this.skipped();
  }

  /** The upstream ignores everything up to Sync: what waits here is among it, and only its Sync brings an answer again. */
  skipped(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }
}
