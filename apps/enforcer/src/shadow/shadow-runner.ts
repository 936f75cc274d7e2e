import { Worker } from "node:worker_threads";
import type { Clock } from "@sluice/kernel";
import { errorFields, logger } from "@sluice/telemetry";
import type { LoadedBundle } from "../control/site.ts";
import type { Catalogue } from "../languages/facts.ts";
import { threadEnv } from "../languages/thread-env.ts";
import type { ShadowSample, ShadowSession, ShadowTap } from "../pipeline/shadow-tap.ts";
import {
  type CandidateTotals,
  type CandidateTrust,
  type FromCandidate,
  noTotals,
  type Shot,
  type ToCandidate,
} from "./messages.ts";
import { catalogueMessage, shownExchange, shownSession } from "./shots.ts";

const log = logger("enforcer.shadow");

/** Decisions that wait for the candidate, at most; beyond they are dropped. */
export const QUEUE_MAX = 2_048;
/** Copying one takes some microseconds of the thread that answers clients: slices keep it below half a millisecond. */
const BATCH_MAX = 32;
const COLLECT_MS = 20;
const LOAD_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 10_000;
const HEAP_MB_MAX = 512;
/** setTimeout's own limit, about 24 days. */
const TIMER_MS_MAX = 2_147_483_647;

/** How a run stands. */
export type RunState = "loading" | "running" | "ended" | "stopped" | "refused" | "failed";

/** A run's totals in this process. */
export interface RunReport extends CandidateTotals {
  readonly state: RunState;
  readonly reasonCode: string;
  readonly reason: string;
  readonly repeated: number;
  readonly dropped: number;
}

/** What a runner works with. */
export interface RunnerOptions {
  readonly trust: CandidateTrust;
  readonly clock: Clock;
  /** the bundle in force: what queued decisions must have been made with */
  readonly loaded: () => LoadedBundle | undefined;
  /** told once when the candidate was accepted, and once when the run is over */
  readonly onReady: (version: number) => void;
  readonly onOver: () => void;
  /** the thread's program and bounds, for tests */
  readonly program?: URL;
  readonly heapMbMax?: number;
  readonly answerTimeoutMs?: number;
}

interface Waiting {
  readonly bundle: LoadedBundle;
  readonly catalogue: Catalogue | undefined;
  readonly make: (catalogue: number) => Shot;
}

/**
 * Runs one candidate in a thread of its own. Taking a decision is an entry in an array; copying happens later, in small
 * slices, one batch at a time. Whatever the candidate does (throws, never answers, fills its heap) ends this run and
 * nothing else.
 */
export class ShadowRunner implements ShadowTap {
  readonly #options: RunnerOptions;
  readonly #worker: Worker;
  readonly #seen = new WeakSet<object>();
  readonly #catalogues = new WeakMap<Catalogue, number>();
  #catalogueCount = 0;
  #queue: Waiting[] = [];
  #state: RunState = "loading";
  #reason = { reasonCode: "", reason: "" };
  #repeated = 0;
  #dropped = 0;
  #unreplayable = 0;
  #lost = 0;
  #base = "";
  /** one message at a time waits for its answer */
  #busy = true;
  /** decisions in that message */
  #inFlight = 0;
  #wantsTotals = false;
  #ending: RunState | undefined;
  #totals: CandidateTotals = noTotals;
  #timers: { end?: NodeJS.Timeout; collect?: NodeJS.Timeout; patience?: NodeJS.Timeout } = {};

  constructor(options: RunnerOptions) {
    const { trust, heapMbMax = HEAP_MB_MAX, program = new URL("./shadow-program.ts", import.meta.url) } = options;
    this.#options = options;
    this.#worker = new Worker(program, {
      workerData: trust,
      env: threadEnv(),
      resourceLimits: { maxOldGenerationSizeMb: heapMbMax },
    });
    this.#worker.on("message", (message: FromCandidate) => this.#receive(message));
    this.#worker.on("error", (error: Error) => this.#crashed(error));
    this.#worker.on("exit", () => this.#fail("shadow.exited", "The candidate's thread ended by itself."));
    this.#worker.unref();
    this.#expect(LOAD_TIMEOUT_MS, "The candidate could not be compiled within a minute.");
  }

  get state(): RunState {
    return this.#state;
  }

  exchange(recorded: { readonly id: string }, sample: ShadowSample | undefined): void {
    if (this.#state !== "running" || this.#ending) return;
    if (!sample) this.#unreplayable += 1;
    else if (this.#seen.has(sample.decision)) this.#repeated += 1;
    else if (this.#hasRoom()) {
      this.#seen.add(sample.decision);
      const { bundle, catalogue } = sample.input;
      const { id } = recorded;
      this.#push({ bundle, catalogue, make: (key) => shownExchange(id, sample, key) });
    }
  }

  session(exchangeId: string, session: ShadowSession): void {
    if (this.#state !== "running" || this.#ending || !this.#hasRoom()) return;
    this.#push({ bundle: session.bundle, catalogue: undefined, make: () => shownSession(exchangeId, session) });
  }

  report(): RunReport {
    return {
      ...this.#totals,
      ...this.#reason,
      state: this.#state,
      repeated: this.#repeated,
      dropped: this.#dropped,
      unreplayable: this.#unreplayable + this.#totals.unreplayable,
      failed: this.#lost + this.#totals.failed,
    };
  }

  /** Asks the thread for its totals; `report` has them some milliseconds later. */
  refresh(): void {
    if (this.#state !== "running" || this.#ending) return;
    if (this.#busy) this.#wantsTotals = true;
    else this.#askTotals();
  }

  /** Ends the run; what waits is dropped, what was decided is still asked for. */
  end(state: "ended" | "stopped"): void {
    if (this.#state === "loading") return this.#over(state);
    if (this.#state !== "running" || this.#ending) return;
    this.#ending = state;
    this.#dropped += this.#queue.length;
    this.#queue = [];
    if (!this.#busy) this.#askTotals();
  }

  /** Ends the thread at once, for a process that stops. */
  close(): void {
    this.#over("stopped");
  }

  #hasRoom(): boolean {
    if (this.#queue.length < QUEUE_MAX) return true;
    this.#dropped += 1;
    return false;
  }

  #push(waiting: Waiting): void {
    this.#queue.push(waiting);
    this.#timers.collect ??= setTimeout(() => this.#handOver(), COLLECT_MS).unref();
  }

  #handOver(): void {
    delete this.#timers.collect;
    if (this.#busy || this.#queue.length === 0 || this.#state !== "running" || this.#ending) return;
    try {
      this.#sendBatch();
    } catch (error) {
      log.error({ ...errorFields(error) }, "shadow.not_handed_over");
      this.#fail("shadow.not_handed_over", "A decision could not be handed to the candidate.");
    }
  }

  #sendBatch(): void {
    const bundle = this.#options.loaded();
    const shots: Shot[] = [];
    for (const waiting of this.#queue.splice(0, BATCH_MAX)) {
      if (bundle && waiting.bundle === bundle && !bundle.amended)
        shots.push(waiting.make(this.#keyOf(waiting.catalogue)));
      else this.#unreplayable += 1; // another bundle is in force, or this one without grants that were revoked: its data may say otherwise
    }
    if (bundle && shots.length > 0) {
      if (this.#base !== bundle.digest) this.#post({ kind: "base", digest: bundle.digest });
      this.#base = bundle.digest;
      this.#inFlight = shots.length;
      this.#ask({ kind: "batch", base: bundle.digest, shots });
    } else if (this.#queue.length > 0) {
      this.#timers.collect = setTimeout(() => this.#handOver(), COLLECT_MS).unref();
    }
  }

  #keyOf(catalogue: Catalogue | undefined): number {
    if (!catalogue) return 0;
    const known = this.#catalogues.get(catalogue);
    if (known !== undefined) return known;
    const key = ++this.#catalogueCount;
    this.#catalogues.set(catalogue, key);
    this.#post(catalogueMessage(key, catalogue));
    return key;
  }

  #askTotals(): void {
    this.#wantsTotals = false;
    this.#ask({ kind: "totals" });
  }

  #ask(message: ToCandidate): void {
    this.#busy = true;
    this.#post(message);
    this.#expect(this.#options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS, "The candidate did not answer in time.");
  }

  #receive(message: FromCandidate): void {
    clearTimeout(this.#timers.patience);
    if (this.#state !== "loading" && this.#state !== "running") return;
    this.#busy = false;
    this.#inFlight = 0;
    switch (message.kind) {
      case "ready":
        return this.#ready(message.version, message.expiresAtMs);
      case "refused":
        this.#reason = { reasonCode: message.code, reason: message.reason };
        return this.#over("refused");
      case "totals":
        this.#totals = message.totals;
        if (this.#ending) return this.#over(this.#ending);
        break;
      case "done":
        if (this.#ending || this.#wantsTotals) return this.#askTotals();
    }
    // not in this turn: whoever waits for an answer comes first
    if (this.#queue.length > 0) setImmediate(() => this.#handOver());
  }

  #ready(version: number, expiresAtMs: number): void {
    this.#state = "running";
    this.#options.onReady(version);
    const leftMs = Math.min(expiresAtMs - this.#options.clock.now(), TIMER_MS_MAX);
    this.#timers.end = setTimeout(() => this.end("ended"), leftMs).unref();
  }

  #expect(timeoutMs: number, otherwise: string): void {
    clearTimeout(this.#timers.patience);
    this.#timers.patience = setTimeout(() => this.#fail("shadow.no_answer", otherwise), timeoutMs).unref();
  }

  #crashed(error: Error): void {
    const full = "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
    log.warn({ ...errorFields(error) }, "shadow.crashed");
    if (full) this.#fail("shadow.too_large", "The candidate needs more memory than a candidate may have.");
    else this.#fail("shadow.crashed", "The candidate's thread failed; the enforcer's log has the cause.");
  }

  #fail(reasonCode: string, reason: string): void {
    if (this.#state !== "loading" && this.#state !== "running") return;
    this.#reason = { reasonCode, reason };
    this.#lost += this.#inFlight;
    this.#over("failed");
  }

  #over(state: RunState): void {
    if (this.#state !== "loading" && this.#state !== "running") return;
    this.#state = state;
    this.#dropped += this.#queue.length;
    this.#queue = [];
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.#worker.terminate().catch((error: unknown) => log.warn({ err: error }, "shadow.not_terminated"));
    this.#options.onOver();
  }

  #post(message: ToCandidate): void {
    this.#worker.postMessage(message);
  }
}
