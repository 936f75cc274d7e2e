import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { tables } from "../../packages/policy-engine/src/values/tables.fixture.ts";
import { officialCase } from "../fuzz/policy-cases.ts";
import { type Mutant, mutantsOf } from "./mutations.ts";
import type { Accused, Evidence } from "./policy-judge.ts";
import { type KnownSurvivor, knownSurvivors } from "./survivors.ts";

const source = join(import.meta.dirname, "../../packages/policy-engine/src");

/** The evaluator and the index. */
const files = [
  "compile/*.ts",
  "evaluate.ts",
  "index/*.ts",
  "snapshot.ts",
  "values/{datetime,decimal,extensions,ip,long,uid,value}.ts",
];

const FUZZ_CASES = 60;
/** A mutant that takes so many times as long as the engine itself loops for ever, or as good as. */
const PATIENCE = 8;
const TIMEOUT_MS_MIN = 5_000;
const KILLED_MIN = 0.95;

/** The unit tests that hold the evaluator and the index; those of explanations and the like cannot tell its mutants. */
const unitTests = [
  "cedar.test.ts",
  "decide.test.ts",
  "snapshot.test.ts",
  "index/conjuncts.test.ts",
  "index/guards.test.ts",
  "index/remembered.test.ts",
  "index/policy-index.test.ts",
];
/** Slow ones, each for the one file that it is about. */
const ownTests = { "values/uid.test.ts": "values/uid.ts", "explain.test.ts": "index/policy-index.ts" };

/** What a run found. */
export interface MutationRun {
  readonly mutants: number;
  readonly killed: number;
  /** survivors that are proven to be no different; they count neither way */
  readonly explained: number;
  readonly survivors: readonly string[];
  /** explained survivors that were killed or are no mutants any more: their reasons are wrong or out of date */
  readonly stale: readonly string[];
  readonly passed: boolean;
}

/** What to mutate: every n-th mutant, of files whose names contain a text; `doubting` asks explained survivors again. */
export interface MutationChoice {
  readonly every?: number;
  readonly within?: string;
  readonly doubting?: boolean;
}

/**
 * Changes the engine in one place at a time and asks whether anything notices: the tables of values, the engine's own unit
 * tests, and fuzzing against the official engine's answers, all in this process. A mutant that is explained as equivalent
 * is not asked again, unless `doubting`.
 */
export async function mutatePolicyEngine(choice: MutationChoice): Promise<MutationRun> {
  const { every = 1, within = "", doubting = false } = choice;
  const all = allMutants().filter(({ id, file }) => id % every === 0 && file.includes(within));
  const explained = all.filter((mutant) => knownSurvivors.some((known) => isThis(known, mutant)));
  const asked = doubting ? all : all.filter((mutant) => !explained.includes(mutant));
  const alive = await survivorsOf(asked);
  const survivors = alive.filter((mutant) => !explained.includes(mutant));
  const refuted = doubting ? explained.filter((mutant) => !alive.includes(mutant)) : [];
  const gone = knownSurvivors.filter(
    (known) => every === 1 && known.file.includes(within) && !all.some((mutant) => isThis(known, mutant)),
  );
  const killed = asked.length - alive.length;
  const stale = [...refuted.map(textOf), ...gone.map(({ file, before, after }) => `${file} ${before} → ${after}`)];
  return {
    mutants: all.length,
    killed,
    explained: explained.length,
    survivors: survivors.map(textOf),
    stale,
    // what is proven to be no different cannot be killed, so it counts neither way
    passed: killed / (all.length - explained.length) >= KILLED_MIN && survivors.length + stale.length === 0,
  };
}

function isThis(known: KnownSurvivor, { file, before, after }: Mutant): boolean {
  return known.file === file && known.before === before && known.after === after;
}

async function survivorsOf(mutants: readonly Mutant[]): Promise<Mutant[]> {
  const court = new Court(evidenceAgainst());
  const alive: Mutant[] = [];
  try {
    await court.mustAcquitOriginal();
    for (const [at, mutant] of mutants.entries()) {
      const killer = await court.judge(mutant);
      note(`${at + 1}/${mutants.length} ${killer === undefined ? "ALIVE" : `killed by ${killer}`}: ${textOf(mutant)}`);
      if (killer === undefined) alive.push(mutant);
    }
  } finally {
    await court.close();
  }
  return alive;
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

function evidenceAgainst(): Evidence {
  return {
    source,
    tables: tables.flatMap(({ rows }) => rows.map(([text, expected]) => ({ json: parse(text), expected }))),
    unitTests,
    ownTests,
    cases: Array.from({ length: FUZZ_CASES }, (_, at) => officialCase(77_000_000 + at)),
  };
}

function parse(condition: string): cedar.PolicyJson {
  const read = cedar.policyToJson(`permit (principal, action, resource) when { ${condition} };`);
  if (read.type === "failure") throw new Error(`${condition} does not parse`, { cause: read.errors });
  return read.json;
}

function allMutants(): Mutant[] {
  const mutants: Mutant[] = [];
  for (const file of globSync(files, { cwd: source }).toSorted()) {
    if (/\.(test|fixture)\.ts$/.test(file)) continue;
    const text = readFileSync(join(source, file), "utf8");
    const code = stripTypeScriptTypes(text);
    // a changed type changes nothing that runs
    mutants.push(
      ...mutantsOf(file, text, mutants.length).filter((mutant) => stripTypeScriptTypes(mutant.text) !== code),
    );
  }
  return mutants;
}

function textOf({ file, line, before, after }: Mutant): string {
  return `${file}:${line} ${before} → ${after}`;
}

/** A worker that judges one mutant after another, replaced when one of them hangs it. */
class Court {
  readonly #evidence: Evidence;
  #worker: Worker | undefined;
  #timeoutMs = 60_000;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
  }

  async mustAcquitOriginal(): Promise<void> {
    const start = performance.now();
    const killer = await this.#ask(undefined);
    if (killer !== undefined) throw new Error(`the unchanged engine fails: ${killer}`);
    this.#timeoutMs = Math.max(TIMEOUT_MS_MIN, PATIENCE * (performance.now() - start));
  }

  /** What told the mutant from the engine; undefined when nothing did. */
  judge({ file, text }: Mutant): Promise<string | undefined> {
    return this.#ask({ file, text });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #ask(accused: Accused): Promise<string | undefined> {
    this.#worker ??= new Worker(new URL("policy-judge.ts", import.meta.url), {
      workerData: this.#evidence,
      execArgv: ["--experimental-vm-modules", "--no-warnings"],
    });
    const worker = this.#worker;
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const timer = setTimeout(() => resolve("took too long"), this.#timeoutMs);
    const crashed = (error: unknown) => resolve(error instanceof Error ? error.message : "crashed");
    worker.once("message", ({ killer }: { killer: string | undefined }) => resolve(killer));
    worker.once("error", crashed);
    worker.postMessage(accused);
    const killer = await promise;
    clearTimeout(timer);
    worker.removeAllListeners("message").removeAllListeners("error");
    // what hung or crashed a worker may have left anything behind
    if (killer === "took too long" || worker.threadId === -1) await this.close();
    return killer;
  }
}
