import type { EntityInput } from "@sluice/policy-engine";
import type * as Policies from "../../packages/policy-engine/src/compile/policy.ts";
import { describeGuard, describeNarrowing } from "../../packages/policy-engine/src/index/describe.fixture.ts";
import type * as Guards from "../../packages/policy-engine/src/index/guards.ts";
import type * as Narrowing from "../../packages/policy-engine/src/index/narrow.ts";
import type * as Questions from "../../packages/policy-engine/src/index/question.ts";
import type * as Snapshots from "../../packages/policy-engine/src/snapshot.ts";
import { seededRandom } from "../bench/figures.ts";
import type { EngineUnderTest } from "../fuzz/policy-compare.ts";

/** A row of the index's tables, parsed. */
export interface GuardCase {
  readonly json: unknown;
  readonly expected: string | undefined;
}

/** A row about one value, parsed. */
export interface PassingCase {
  readonly json: unknown;
  readonly value: string | number | boolean;
  readonly expected: boolean | undefined;
}

export type GuardModule = Pick<typeof Guards, "passes">;
export type NarrowingModule = Pick<typeof Narrowing, "indexScope">;
export type QuestionModule = Pick<typeof Questions, "questionOf">;
export type PolicyModule = Pick<typeof Policies, "compileSet">;
export type SnapshotModule = Pick<typeof Snapshots, "Snapshot" | "asUid">;

/** The modules of the index that its tables ask. */
export interface IndexModules {
  readonly guards: GuardModule;
  readonly narrowing: NarrowingModule;
  readonly questions: QuestionModule;
  readonly policies: PolicyModule;
}

/** The tables of the index. */
export interface GuardEvidence {
  readonly guards: readonly GuardCase[];
  readonly narrowings: readonly GuardCase[];
  readonly passing: readonly PassingCase[];
}

/** The engine's own tables for its index, asked of a mutant's modules. */
export function firstWrongGuard(modules: IndexModules, rows: GuardEvidence): string | undefined {
  const compile = (json: unknown) => modules.policies.compileSet({ staticPolicies: { p: json } }, "access", "ignore");
  for (const { json, expected } of rows.guards) {
    const [policy] = compile(json);
    if (describeGuard(policy && modules.questions.questionOf(policy).guard) !== expected) return "a guard";
  }
  for (const { json, value, expected } of rows.passing) {
    const [policy] = compile(json);
    const guard = policy && modules.questions.questionOf(policy).guard;
    if ((guard && modules.guards.passes(guard.test, value)) !== expected) return "a test of a guard";
  }
  for (const { json, expected } of rows.narrowings) {
    const [policy] = compile(json);
    if (policy && describeNarrowing(modules.narrowing.indexScope(policy).principal) !== expected) return "a narrowing";
  }
  return undefined;
}

/** Snapshots reached by changes against the same entities at once: what is held, and everybody's ancestors. */
export function firstWrongSnapshot(engine: EngineUnderTest, snapshots: SnapshotModule): string | undefined {
  const random = seededRandom(9);
  const uids = ["a", "b", "c", "d"].map((id) => engine.entityUid("Group", id));
  const textOf = (snapshot: unknown) => {
    if (!(snapshot instanceof snapshots.Snapshot)) return "no snapshot";
    const held = uids.map((uid) =>
      [...(snapshot.node(snapshots.asUid(uid))?.ancestors ?? ["absent"])].map(String).sort(),
    );
    return JSON.stringify([snapshot.size, uids.map((uid) => snapshot.has(uid)), held]);
  };
  for (let round = 0; round < 150; round += 1) {
    let snapshot = engine.createSnapshot([], { actions: [] });
    const now = new Map<string, EntityInput>();
    for (let step = 0; step < 7; step += 1) {
      const uid = uids[random(uids.length)];
      if (uid === undefined) continue;
      const input = { uid, attrs: {}, parents: uids.filter(() => random(3) === 0) };
      const gone = random(3) === 0;
      if (gone) now.delete(uid.id);
      else now.set(uid.id, input);
      snapshot = gone ? snapshot.with([], [uid]) : snapshot.with([input]);
      if (textOf(snapshot) !== textOf(engine.createSnapshot(now.values(), { actions: [] }))) return "a snapshot";
    }
  }
  return undefined;
}
