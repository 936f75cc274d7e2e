import { parentPort, workerData } from "node:worker_threads";
import { unwrap } from "@sluice/kernel";
import type * as Policies from "../../packages/policy-engine/src/compile/policy.ts";
import type * as Guards from "../../packages/policy-engine/src/index/guards.ts";
import type * as Narrowing from "../../packages/policy-engine/src/index/narrow.ts";
import type * as Questions from "../../packages/policy-engine/src/index/question.ts";
import type * as Snapshots from "../../packages/policy-engine/src/snapshot.ts";
import type { OfficialCase } from "../fuzz/policy-cases.ts";
import { differencesIn, type EngineUnderTest } from "../fuzz/policy-compare.ts";
import { firstWrongGuard, firstWrongSnapshot, type GuardEvidence } from "./policy-probes.ts";

/** An expression of the tables, parsed, with what it must be. */
export interface TableCase {
  readonly json: unknown;
  readonly expected: boolean | "error";
}

/** What a judge is given once; mutants come as messages. */
export interface Evidence extends GuardEvidence {
  readonly tables: readonly TableCase[];
  readonly cases: readonly OfficialCase[];
}

const evidence: Evidence = workerData;
const { tables, cases } = evidence;

/** What tells this engine from the official one; undefined when nothing does. */
async function judge(index: string): Promise<string | undefined> {
  try {
    const engine: EngineUnderTest = await import(index);
    const guards: typeof Guards = await import(new URL("index/guards.ts", index).href);
    const narrowing: typeof Narrowing = await import(new URL("index/narrow.ts", index).href);
    const questions: typeof Questions = await import(new URL("index/question.ts", index).href);
    const policies: typeof Policies = await import(new URL("compile/policy.ts", index).href);
    const snapshots: typeof Snapshots = await import(new URL("snapshot.ts", index).href);
    return (
      firstWrongTable(engine) ??
      firstWrongGuard({ guards, narrowing, questions, policies }, evidence) ??
      firstWrongSnapshot(engine, snapshots) ??
      firstDifference(engine)
    );
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 100) : "threw";
  }
}

function firstWrongTable(engine: EngineUnderTest): string | undefined {
  const uid = engine.entityUid("User", "u");
  const entities = engine.createSnapshot([], { actions: [] });
  const context = unwrap(engine.valueFromCedarJson({}));
  const request = { principal: uid, action: engine.entityUid("Action", "a"), resource: uid, context, entities };
  for (const { json, expected } of tables) {
    const answer = unwrap(engine.loadCedar({ staticPolicies: { p: json } })).authorize(request);
    const got = answer.errors.length > 0 ? "error" : answer.decision === "allow";
    if (got !== expected) return "a table";
  }
  return undefined;
}

function firstDifference(engine: EngineUnderTest): string | undefined {
  for (const fuzzCase of cases) {
    const [difference] = differencesIn(engine, fuzzCase);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

parentPort?.on("message", (index: string) => {
  void judge(index).then((killer) => parentPort?.postMessage({ killer }));
});
