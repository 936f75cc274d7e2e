import { parentPort, workerData } from "node:worker_threads";
import { unwrap } from "@sluice/kernel";
import fc from "fast-check";
import type { OfficialCase } from "../fuzz/policy-cases.ts";
import { differencesIn, type EngineUnderTest } from "../fuzz/policy-compare.ts";
import { ModuleSet } from "./policy-modules.ts";
import { testCollector } from "./unit-tests.ts";

/** An expression of the tables, parsed, with what it must be. */
export interface TableCase {
  readonly json: unknown;
  readonly expected: boolean | "error";
}

/** What a judge is given once; mutants come as messages. */
export interface Evidence {
  readonly source: string;
  readonly tables: readonly TableCase[];
  readonly cases: readonly OfficialCase[];
  /** the engine's own unit tests, and those that only one file's mutants are worth */
  readonly unitTests: readonly string[];
  readonly ownTests: Readonly<Record<string, string>>;
}

/** The file that is replaced and its text; nothing for the engine as it is. */
export type Accused = { readonly file: string; readonly text: string } | undefined;

const evidence: Evidence = workerData;
// one counterexample is enough: looking for a smaller one is for people
fc.configureGlobal({ endOnFailure: true });
const modules = new ModuleSet(evidence.source);
// what killed the last mutant comes first: the next mutant often stands on the line below
const tables = [...evidence.tables];
const cases = [...evidence.cases];
const unitTests = [...evidence.unitTests];

type Probe = (accused: Accused) => Promise<string | undefined>;

const probes: Probe[] = [
  async (accused) => firstWrongTable(await engineWith(accused)),
  firstFailingTest,
  async (accused) => firstDifference(await engineWith(accused)),
];

/** What tells this engine from the official one, or from what its tests promise; undefined when nothing does. */
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

async function engineWith(accused: Accused): Promise<EngineUnderTest> {
  const [engine] = await modules.load(["index.ts"], { file: accused });
  if (!isEngine(engine)) throw new Error("no engine");
  return engine;
}

function isEngine(found: object | undefined): found is EngineUnderTest {
  return found !== undefined && "loadCedar" in found && "createSnapshot" in found && "entityUid" in found;
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
  const own = Object.entries(evidence.ownTests).flatMap(([test, file]) => (file === accused?.file ? [test] : []));
  for (const file of [...own, ...unitTests]) {
    const failing = await firstFailingIn(file, accused);
    if (failing === undefined) continue;
    const at = unitTests.indexOf(file);
    if (at > 0) unitTests.unshift(...unitTests.splice(at, 1));
    return failing;
  }
  return undefined;
}

async function firstFailingIn(file: string, accused: Accused): Promise<string | undefined> {
  const { tests, exports } = testCollector();
  let running = file;
  try {
    await modules.load([file], { file: accused, packages: { vitest: exports } });
    for (const { name, run } of tests) {
      running = `${file}: ${name}`;
      await run();
    }
    return undefined;
  } catch {
    return running;
  }
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
