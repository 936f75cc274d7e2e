import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { guardRows, narrowingRows, passingRows } from "../../packages/policy-engine/src/index/guards.fixture.ts";
import { tables } from "../../packages/policy-engine/src/values/tables.fixture.ts";
import { officialCase } from "../fuzz/policy-cases.ts";
import { type Mutant, mutantsOf } from "./mutations.ts";
import type { Evidence } from "./policy-judge.ts";
import { knownSurvivors } from "./survivors.ts";

const source = join(import.meta.dirname, "../../packages/policy-engine/src");
// inside the repository, so that the copies find its packages
const copies = join(import.meta.dirname, "../../test-results/mutants");

/** The evaluator and the index. */
const files = [
  "compile/compile-expr.ts",
  "compile/env.ts",
  "compile/like.ts",
  "compile/operators.ts",
  "compile/policy.ts",
  "compile/read-expr.ts",
  "compile/scope.ts",
  "evaluate.ts",
  "index/*.ts",
  "snapshot.ts",
  "values/{datetime,decimal,extensions,ip,long,uid,value}.ts",
];

const FUZZ_CASES = 120;
/** A mutant that takes longer loops for ever, or as good as. */
const TIMEOUT_MS = 20_000;
const KILLED_MIN = 0.95;

/** What a run found. */
export interface MutationRun {
  readonly mutants: number;
  readonly killed: number;
  readonly explained: readonly string[];
  readonly survivors: readonly string[];
  readonly passed: boolean;
}

/** Changes the engine in one place at a time and asks whether tables and fuzzing notice. */
export async function mutatePolicyEngine(options: { readonly every?: number } = {}): Promise<MutationRun> {
  const evidence: Evidence = {
    tables: tables.flatMap(({ rows }) => rows.map(([text, expected]) => ({ json: parse(text), expected }))),
    guards: guardRows.map(([text, expected]) => ({ json: parse(text), expected })),
    narrowings: narrowingRows.map(([text, expected]) => ({ json: parse(text), expected })),
    passing: passingRows.map(([text, value, expected]) => ({ json: parse(text), value, expected })),
    cases: fuzzCases(),
  };
  const all = allMutants().filter(({ id }) => id % (options.every ?? 1) === 0);
  const court = new Court(evidence);
  rmSync(copies, { recursive: true, force: true });
  const alive: Mutant[] = [];
  try {
    await court.mustAcquitOriginal();
    for (const mutant of all) if ((await court.judge(mutant)) === undefined) alive.push(mutant);
  } finally {
    await court.close();
    rmSync(copies, { recursive: true, force: true });
  }
  const explained = alive.filter((mutant) => reasonFor(mutant) !== undefined);
  const survivors = alive.filter((mutant) => reasonFor(mutant) === undefined);
  const counted = all.length - explained.length;
  return {
    mutants: all.length,
    killed: all.length - alive.length,
    explained: explained.map((mutant) => `${textOf(mutant)}: ${reasonFor(mutant)}`),
    survivors: survivors.map(textOf),
    passed: (counted - survivors.length) / counted >= KILLED_MIN,
  };
}

function parse(condition: string): cedar.PolicyJson {
  const read = cedar.policyToJson(`permit (principal, action, resource) when { ${condition} };`);
  if (read.type === "failure") throw new Error(`${condition} does not parse`, { cause: read.errors });
  return read.json;
}

function fuzzCases(): Evidence["cases"] {
  return Array.from({ length: FUZZ_CASES }, (_, at) => officialCase(77_000_000 + at));
}

function allMutants(): Mutant[] {
  const mutants: Mutant[] = [];
  for (const file of globSync(files, { cwd: source }).toSorted()) {
    if (/\.(test|fixture)\.ts$/.test(file)) continue;
    mutants.push(...mutantsOf(file, readFileSync(join(source, file), "utf8"), mutants.length));
  }
  return mutants;
}

function reasonFor({ file, after }: Mutant): string | undefined {
  return knownSurvivors.find((known) => known.file === file && after.includes(known.after))?.reason;
}

function textOf({ file, line, before, after }: Mutant): string {
  return `${file}:${line} ${before} → ${after}`;
}

/** A worker that judges one mutant after another, replaced when one of them hangs it. */
class Court {
  readonly #evidence: Evidence;
  #worker: Worker | undefined;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
  }

  async mustAcquitOriginal(): Promise<void> {
    const killer = await this.#ask(pathToFileURL(join(source, "index.ts")).href);
    if (killer !== undefined) throw new Error(`the unchanged engine fails: ${killer}`);
  }

  async judge(mutant: Mutant): Promise<string | undefined> {
    const folder = join(copies, String(mutant.id));
    mkdirSync(folder, { recursive: true });
    cpSync(source, folder, { recursive: true, filter: (path) => !path.endsWith(".test.ts") });
    writeFileSync(join(folder, mutant.file), mutant.text);
    const killer = await this.#ask(pathToFileURL(join(folder, "index.ts")).href);
    rmSync(folder, { recursive: true, force: true });
    return killer;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #ask(index: string): Promise<string | undefined> {
    this.#worker ??= new Worker(new URL("policy-judge.ts", import.meta.url), { workerData: this.#evidence });
    const worker = this.#worker;
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const timer = setTimeout(() => resolve("took too long"), TIMEOUT_MS);
    const crashed = (error: unknown) => resolve(error instanceof Error ? error.message : "crashed");
    worker.once("message", ({ killer }: { killer: string | undefined }) => resolve(killer));
    worker.once("error", crashed);
    worker.postMessage(index);
    const killer = await promise;
    clearTimeout(timer);
    worker.removeAllListeners("message").removeAllListeners("error");
    // what hung or crashed a worker may have left anything behind
    if (killer === "took too long" || worker.threadId === -1) await this.close();
    return killer;
  }
}
