import { unwrap } from "@sluice/kernel";
import type * as PolicyEngineModule from "@sluice/policy-engine";
import { answerText, type OfficialCase } from "./policy-cases.ts";

/** The engine under test: the package itself, or a mutant of it. */
export type EngineUnderTest = Pick<
  typeof PolicyEngineModule,
  "createSnapshot" | "entityFromCedarJson" | "entityUid" | "loadCedar" | "valueFromCedarJson"
>;

/** How the engine's answers differ from the official ones; each names the seed. */
export function differencesIn(engine: EngineUnderTest, fuzzCase: OfficialCase): string[] {
  const authorizer = unwrap(engine.loadCedar(fuzzCase.policySet));
  const entities = snapshotInSteps(engine, fuzzCase);
  return fuzzCase.requests.flatMap((request, at) => {
    const ask = () =>
      authorizer.authorize({
        principal: engine.entityUid(request.principal.type, request.principal.id),
        action: engine.entityUid(request.action.type, request.action.id),
        resource: engine.entityUid(request.resource.type, request.resource.id),
        context: unwrap(engine.valueFromCedarJson(request.context)),
        entities,
      });
    const official = fuzzCase.answers[at];
    // the index remembers what was asked before: the second, the third and the sixteenth answer take other ways
    const answers = Array.from({ length: fuzzCase.seed % 8 === 1 ? 17 : 3 }, ask).map(({ decision, reasons, errors }) =>
      answerText(
        decision,
        reasons,
        errors.map(({ policyId }) => policyId),
      ),
    );
    const wrong = answers.find((answer) => answer !== official);
    return wrong === undefined ? [] : [`seed ${fuzzCase.seed}, request ${at}: official ${official}; ours ${wrong}`];
  });
}

/** Reaches the case's entities by one of several ways, so that snapshots made by deltas are compared as well. */
function snapshotInSteps(engine: EngineUnderTest, { entities, seed }: OfficialCase) {
  const inputs = entities.map((entity) => unwrap(engine.entityFromCedarJson(entity)));
  const cut = seed % (inputs.length + 1);
  const none = { actions: [] };
  switch (seed % 5) {
    case 0:
      return engine.createSnapshot(inputs, none);
    case 1:
      return engine.createSnapshot(inputs.slice(0, cut), none).with(inputs.slice(cut));
    case 2:
      // one at a time, the children after their parents
      return inputs.toReversed().reduce((snapshot, input) => snapshot.with([input]), engine.createSnapshot([], none));
    case 3: {
      // everything stands apart at first; then it gets its parents one by one, in an order that is neither up nor down
      const alone = inputs.map((input) => ({ ...input, parents: [] }));
      const mixed = inputs.toSorted((left, right) => order(left.uid.id, seed) - order(right.uid.id, seed));
      const linked = mixed.reduce((snapshot, input) => snapshot.with([input]), engine.createSnapshot(alone, none));
      const [first] = mixed;
      return first === undefined ? linked : linked.with([], [first.uid]).with([first]);
    }
    default: {
      // everything has wrong parents at first, and some of it should not be there
      const uids = inputs.map(({ uid }) => uid);
      const wrong = inputs.map((input, at) => ({ ...input, parents: uids.slice(at + 1, at + 3) }));
      const extra = { uid: engine.entityUid("Group", "none"), attrs: {}, parents: [] };
      const first = engine.createSnapshot([...wrong, extra], none);
      return first.with(inputs, uids.includes(extra.uid) ? [] : [extra.uid]);
    }
  }
}

/** A number that is neither up nor down the hierarchy. */
function order(name: string, seed: number): number {
  return (name.length * 7 + (name.codePointAt(0) ?? 0) * 31 + seed) % 13;
}
