import { TX } from "./codec/message.ts";
import type { RunningExchange } from "./state.ts";

/** Ends an exchange with what its record will say. */
type Finish = (exchange: RunningExchange, status: "ok" | "error" | "aborted") => void;

/**
 * So many writes of one batch wait for its end at most: for each, the spool keeps room that all sessions share. What comes
 * behind them ends when it is done, as inside of a block.
 */
const WAITING_MAX = 256;

/**
 * What was written outside of a transaction block by a batch that is not over: its statements are done, but the Sync behind
 * them commits them, or fails, and a later statement that fails takes them back. Until then no record may say that all went
 * well. Inside of a block statements end when they are done; whether they stay is said by the record of its COMMIT.
 */
export class Uncommitted {
  readonly #finish: Finish;
  readonly #writes = new Set<RunningExchange>();
  /** a transaction block is open, as far as the upstream has answered */
  #inBlock = false;

  constructor(finish: Finish) {
    this.#finish = finish;
  }

  /** One statement of an exchange is complete, and maybe with it the transaction that others wrote in. */
  statement({ judgement, statementIndex }: RunningExchange): void {
    const transaction = judgement.statements[statementIndex]?.transaction;
    if (transaction === undefined || transaction === "none") return;
    if (transaction === "rollback") this.#end("aborted");
    else if (transaction !== "savepoint" && transaction !== "rollback_to") this.#end("ok");
    if (transaction === "begin") this.#inBlock = true;
    else if (transaction === "commit" || transaction === "rollback" || transaction === "prepare") this.#inBlock = false;
  }

  /** Whether the end of a statement that answered must wait for its transaction's; it is ended from here then. */
  keeps(exchange: RunningExchange): boolean {
    if (this.#inBlock || this.#writes.size >= WAITING_MAX || !exchange.effects.undoneByRollback) return false;
    this.#writes.add(exchange);
    return true;
  }

  /** Whether an exchange is among what waits. */
  has(exchange: RunningExchange): boolean {
    return this.#writes.has(exchange);
  }

  /** The batch failed: by its commit itself, or by something else that took all of it back. */
  failed(byCommit: boolean, sqlstate: string | undefined): void {
    if (this.#writes.size === 0) return;
    for (const exchange of this.#writes) exchange.error = sqlstate;
    this.#end(byCommit ? "error" : "aborted");
  }

  /**
   * ReadyForQuery: what did not fail is committed. But a Query that comes behind Executes without a Sync between them stays
   * in their transaction, which is said to be open then and lasts until Sync (PostgreSQL 18, pipelining).
   */
  ready(txStatus: number, bySync: boolean): void {
    if (!bySync && !this.#inBlock && txStatus === TX.open) return;
    this.#inBlock = txStatus !== TX.idle;
    if (this.#writes.size > 0) this.#end("ok");
  }

  #end(status: "ok" | "error" | "aborted"): void {
    for (const exchange of this.#writes) {
      // of a portal that has more rows, all that is known is that it lives on
      if (status !== "ok" || exchange.answered) this.#finish(exchange, status);
    }
    this.#writes.clear();
  }
}
