import { Worker } from "node:worker_threads";
import { errorFields, logger } from "@sluice/telemetry";
import type { Catalogue, SqlSessionSettings, StatementFacts } from "../facts.ts";
import { threadEnv } from "../thread-env.ts";
import type { AnalysisLimits } from "./analyse.ts";

const log = logger("enforcer.sql");

/** Texts that wait for the thread, at most; one more is refused. */
const WAITING_MAX = 64;
/** The sum of their lengths, in UTF-16 units. */
const WAITING_UNITS_MAX = 16_777_216;
/** Catalogues that the thread keeps a copy of: one per resource, as a rule. */
const CATALOGUES_MAX = 8;
/** The thread's own heap; WebAssembly's is bounded by the size of a text. */
const HEAP_MB_MAX = 384;
/** Loading the grammar on a busy machine. */
const START_MS_MAX = 20_000;

/** Bounds in time of one text, and how long an idle thread is kept. */
export interface OffLoopLimits extends AnalysisLimits {
  /** a text that takes longer is not understood */
  readonly analysisMsMax: number;
  /** a text that waited longer for its turn is not understood */
  readonly waitingMsMax: number;
  /** the thread's memory is given back when it had nothing to do for so long */
  readonly idleMsMax: number;
}

/** What one analysis is asked for. */
export interface Asked {
  readonly text: string;
  readonly settings: SqlSessionSettings;
  readonly catalogue: Catalogue;
}

/** What goes to the thread, and what comes back. */
export type ToProgram =
  | { readonly kind: "catalogue"; readonly key: number; readonly catalogue: Catalogue }
  | { readonly kind: "forget"; readonly key: number }
  | {
      readonly kind: "analyse";
      readonly text: string;
      readonly settings: SqlSessionSettings;
      readonly catalogue: number;
    };
export type FromProgram = { readonly kind: "ready" } | { readonly kind: "facts"; readonly facts: StatementFacts[] };

/** The facts, or in words why there are none. */
export type OffLoopAnswer = readonly StatementFacts[] | { readonly refused: string };

interface Job extends Asked {
  readonly promise: Promise<OffLoopAnswer>;
  readonly settle: (answer: OffLoopAnswer) => void;
  readonly atMs: number;
}

/**
 * Analyses texts in a thread of its own, one after the other: large ones, which would hold up every other session. The
 * thread starts with the first text. What a text does to it (takes too long, fills its memory, crashes it) ends that
 * text and the thread, and the next text starts another.
 */
export class OffLoop {
  readonly #limits: OffLoopLimits;
  readonly #program: URL;
  readonly #waiting: Job[] = [];
  #waitingUnits = 0;
  #running: Job | undefined;
  #worker: Worker | undefined;
  #ready = false;
  /** what the thread holds, oldest first */
  #held: { readonly catalogue: Catalogue; readonly key: number }[] = [];
  #keys = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: OffLoopLimits, program = new URL("./analysis-program.ts", import.meta.url)) {
    this.#limits = limits;
    this.#program = program;
  }

  /** Never rejects. The same text asked for by several sessions at once is analysed once. */
  analyse(asked: Asked): Promise<OffLoopAnswer> {
    const alike = [this.#running, ...this.#waiting].find((job) => job && sameQuestion(job, asked));
    if (alike) return alike.promise;
    if (this.#waiting.length >= WAITING_MAX || this.#waitingUnits + asked.text.length > WAITING_UNITS_MAX) {
      return Promise.resolve({ refused: "too many large statements are waiting to be looked at" });
    }
    const { promise, resolve: settle } = Promise.withResolvers<OffLoopAnswer>();
    this.#waiting.push({ ...asked, promise, settle, atMs: performance.now() });
    this.#waitingUnits += asked.text.length;
    this.#next();
    return promise;
  }

  /** Ends the thread; whatever waits is refused. */
  close(): void {
    for (const job of this.#waiting.splice(0)) job.settle({ refused: "the enforcer is stopping" });
    this.#waitingUnits = 0;
    this.#drop("the enforcer is stopping");
  }

  #next(): void {
    if (this.#running) return;
    const job = this.#waiting[0];
    if (!job) return this.#rest();
    if (!this.#worker) return this.#start();
    if (!this.#ready) return;
    this.#waiting.shift();
    this.#waitingUnits -= job.text.length;
    if (performance.now() - job.atMs > this.#limits.waitingMsMax) {
      job.settle({ refused: "it could not be looked at in time: other large statements came first" });
      return this.#next();
    }
    this.#running = job;
    this.#expect(this.#limits.analysisMsMax, "it takes too long to understand");
    this.#post({ kind: "analyse", text: job.text, settings: job.settings, catalogue: this.#keyOf(job.catalogue) });
  }

  #start(): void {
    const { statementsMax, textBytesMax } = this.#limits;
    const worker = new Worker(this.#program, {
      workerData: { statementsMax, textBytesMax },
      env: threadEnv(),
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    });
    this.#worker = worker;
    worker.unref();
    worker.on("message", (message: FromProgram) => {
      if (worker === this.#worker) this.#receive(message);
    });
    worker.on("error", (error: Error) => {
      if (worker !== this.#worker) return;
      log.warn({ ...errorFields(error) }, "analysis.crashed");
      const full = "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
      this.#drop(full ? "it takes more memory to understand than one statement may have" : "the analysis failed");
    });
    worker.on("exit", () => {
      if (worker === this.#worker) this.#drop("the analysis ended unexpectedly");
    });
    this.#expect(START_MS_MAX, "the analysis could not be started");
  }

  #receive(message: FromProgram): void {
    clearTimeout(this.#timer);
    if (message.kind === "ready") this.#ready = true;
    else {
      const job = this.#running;
      this.#running = undefined;
      job?.settle(message.facts.map((facts) => Object.freeze(facts)));
    }
    this.#next();
  }

  #expect(ms: number, otherwise: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      log.warn({ reason: otherwise, ms }, "analysis.stopped");
      this.#drop(otherwise);
    }, ms).unref();
  }

  #rest(): void {
    if (!this.#worker || !this.#ready) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#drop("idle"), this.#limits.idleMsMax).unref();
  }

  /** Ends the thread and what it works on, or what it should have begun with. */
  #drop(reason: string): void {
    clearTimeout(this.#timer);
    const worker = this.#worker;
    const started = this.#ready;
    this.#worker = undefined;
    this.#ready = false;
    this.#held = [];
    const job = this.#running ?? (worker && !started ? this.#waiting.shift() : undefined);
    if (job && job !== this.#running) this.#waitingUnits -= job.text.length;
    this.#running = undefined;
    job?.settle({ refused: reason });
    worker?.terminate().catch((error: unknown) => log.warn({ ...errorFields(error) }, "analysis.not_terminated"));
    if (this.#waiting.length > 0) this.#next();
  }

  #keyOf(catalogue: Catalogue): number {
    const known = this.#held.find((held) => held.catalogue === catalogue);
    if (known) return known.key;
    const key = ++this.#keys;
    this.#held.push({ catalogue, key });
    const oldest = this.#held.length > CATALOGUES_MAX ? this.#held.shift() : undefined;
    if (oldest) this.#post({ kind: "forget", key: oldest.key });
    this.#post({ kind: "catalogue", key, catalogue });
    return key;
  }

  #post(message: ToProgram): void {
    this.#worker?.postMessage(message);
  }
}

function sameQuestion(one: Asked, other: Asked): boolean {
  return one.catalogue === other.catalogue && one.settings === other.settings && one.text === other.text;
}
