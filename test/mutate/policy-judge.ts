import { parentPort, workerData } from "node:worker_threads";
import { unwrap } from "@sluice/kernel";
import type { OfficialCase } from "../fuzz/policy-cases.ts";
import { differencesIn, type EngineUnderTest } from "../fuzz/policy-compare.ts";
import { ModuleSet } from "./policy-modules.ts";

import {
  firstWrongGuard,
  firstWrongSnapshot,
  type GuardEvidence,
  type GuardModule,
  type NarrowingModule,
  type PolicyModule,
  type QuestionModule,
  type SnapshotModule,
} from "./policy-probes.ts";
import { testCollector } from "./unit-tests.ts";

/** An expression of the tables, parsed, with what it must be. */
export interface TableCase {
  readonly json: unknown;
  readonly expected: boolean | "error";
}

/** What a judge is given once; mutants come as messages. */
export interface Evidence extends GuardEvidence {
  readonly source: string;
  readonly tables: readonly TableCase[];
  readonly cases: readonly OfficialCase[];
  /** the engine's own unit tests */
  readonly unitTests: readonly string[];
}

/** The file that is replaced and its text; nothing for the engine as it is. */
export type Accused = { readonly file: string; readonly text: string } | undefined;

const evidence: Evidence = workerData;
const modules = new ModuleSet(evidence.source);
// what killed the last mutant comes first: the next mutant often stands on the line below
const tables = [...evidence.tables];
const cases = [...evidence.cases];
const unitTests = [...evidence.unitTests];

function exporting<Exports extends object>(...names: readonly (keyof Exports & string)[]) {
  return (found: object | undefined): found is Exports => found !== undefined && names.every((name) => name in found);
}

const isEngine = exporting<EngineUnderTest>("loadCedar", "createSnapshot", "entityUid");
const isGuards = exporting<GuardModule>("passes");
const isNarrowing = exporting<NarrowingModule>("indexScope");
const isQuestions = exporting<QuestionModule>("questionOf");
const isPolicies = exporting<PolicyModule>("compileSet");
const isSnapshots = exporting<SnapshotModule>("Snapshot", "asUid");

type Probe = (accused: Accused) => Promise<string | undefined>;

// asked one after the other until one tells; the one that told last goes first
const probes: Probe[] = [indexProbe, tableProbe, firstFailingTest, snapshotProbe, fuzzProbe];

/** What tells this engine from the official one; undefined when nothing does. */
async function judge(accused: Accused): Promise<string | undefined> {
  for (const [at, probe] of probes.entries()) {
    let killer: string | undefined;
    try {
      killer = await probe(accused);
    } catch (error) {
      killer = error instanceof Error ? error.message.slice(0, 100) : "threw";
    }
    if (killer === undefined) continue;
    probes.unshift(...probes.splice(at, 1));
    return killer;
  }
  return undefined;
}

async function indexProbe(accused: Accused): Promise<string | undefined> {
  const wanted = ["index/guards.ts", "index/narrow.ts", "index/question.ts", "compile/policy.ts"];
  const [guards, narrowing, questions, policies] = await modules.load(wanted, { file: accused });
  if (!isGuards(guards) || !isNarrowing(narrowing) || !isQuestions(questions) || !isPolicies(policies)) {
    return "no index";
  }
  return firstWrongGuard({ guards, narrowing, questions, policies }, evidence);
}

async function tableProbe(accused: Accused): Promise<string | undefined> {
  return firstWrongTable(await engineWith(accused));
}

async function snapshotProbe(accused: Accused): Promise<string | undefined> {
  const [engine, snapshots] = await modules.load(["index.ts", "snapshot.ts"], { file: accused });
  return isEngine(engine) && isSnapshots(snapshots) ? firstWrongSnapshot(engine, snapshots) : "no snapshots";
}

async function fuzzProbe(accused: Accused): Promise<string | undefined> {
  return firstDifference(await engineWith(accused));
}

async function engineWith(accused: Accused): Promise<EngineUnderTest> {
  const [engine] = await modules.load(["index.ts"], { file: accused });
  if (!isEngine(engine)) throw new Error("no engine");
  return engine;
}

function firstWrongTable(engine: EngineUnderTest): string | undefined {
  const uid = engine.entityUid("User", "u");
  const entities = engine.createSnapshot([], { actions: [] });
  const context = unwrap(engine.valueFromCedarJson({}));
  const request = { principal: uid, action: engine.entityUid("Action", "a"), resource: uid, context, entities };
  const wrong = findAndPromote(tables, ({ json, expected }) => {
    const answer = unwrap(engine.loadCedar({ staticPolicies: { p: json } })).authorize(request);
    return (answer.errors.length > 0 ? "error" : answer.decision === "allow") !== expected;
  });
  return wrong && "a table";
}

/** The engine's own unit tests, with the mutant in its place. */
async function firstFailingTest(accused: Accused): Promise<string | undefined> {
  for (const [at, file] of unitTests.entries()) {
    // collecting garbage again and again is worth it only where garbage is the question
    if (file === "values/uid.test.ts" && accused !== undefined && accused.file !== "values/uid.ts") continue;
    const { tests, exports } = testCollector();
    let failing: string | undefined = file;
    try {
      await modules.load([file], { file: accused, packages: { vitest: exports } });
      failing = undefined;
      for (const { name, run } of tests) {
        failing = `${file}: ${name}`;
        await run();
      }
      failing = undefined;
    } catch {
      if (at > 0) unitTests.unshift(...unitTests.splice(at, 1));
    }
    if (failing !== undefined) return failing;
  }
  return undefined;
}

function firstDifference(engine: EngineUnderTest): string | undefined {
  const telling = findAndPromote(cases, (fuzzCase) => differencesIn(engine, fuzzCase).length > 0);
  return telling && `seed ${telling.seed}`;
}

function findAndPromote<Item>(items: Item[], test: (item: Item) => boolean): Item | undefined {
  for (const [at, item] of items.entries()) {
    let tells = true;
    try {
      tells = test(item);
    } finally {
      if (tells && at > 0) items.unshift(...items.splice(at, 1));
    }
    if (tells) return item;
  }
  return undefined;
}

parentPort?.on("message", (accused: Accused) => {
  void judge(accused).then((killer) => parentPort?.postMessage({ killer }));
});
