import fc from "fast-check";
import { expect, test } from "vitest";
import type { Env } from "../compile/env.ts";
import type { Outcome } from "../evaluate.ts";
import { createSnapshot, entityUid } from "../index.ts";
import { envOf } from "../request.ts";
import { Fault } from "../values/fault.ts";
import { PolicyIndex } from "./policy-index.ts";
import { askedOneByOne, type Pick, randomContext, randomPolicies, worldEntities } from "./worlds.fixture.ts";

function saidBy({ permits, forbids, obligations, errors }: Outcome): string {
  const satisfied = [...permits, ...forbids, ...obligations].map(({ part, id }) => `${part} ${id}`);
  const failed = errors.map(({ policy, fault }) => `error ${policy.id}: ${fault.message}`);
  return [...satisfied, ...failed].sort().join("\n");
}

function randomEnv(pick: Pick, entities: ReturnType<typeof createSnapshot>): Env {
  const principal = entityUid(pick(4) === 0 ? "Agent" : "User", `u${1 + pick(4)}`);
  const action = entityUid("Action", ["read", "all", "none"][pick(3)] ?? "read");
  const resource = entityUid("Doc", `d${1 + pick(3)}`);
  const env = envOf({ principal, action, resource, context: randomContext(pick), entities }, principal);
  if (env instanceof Fault) throw new Error(env.message);
  return env;
}

const seeds = fc.infiniteStream(fc.nat({ max: 1_000_003 })).map((stream): Pick => {
  return (below) => (stream.next().value ?? 0) % below;
});

test.each([
  ["few", 12],
  ["many", 150],
])(
  "says of %s policies what they say one by one, errors too, however often one asks",
  { timeout: 60_000 },
  (_, count) => {
    fc.assert(
      fc.property(seeds, (pick) => {
        const policies = randomPolicies(pick, count);
        const index = new PolicyIndex(policies);
        const entities = createSnapshot(worldEntities(pick), { actions: [] });
        const first = randomEnv(pick, entities);
        for (let asked = 0; asked < 24; asked += 1) {
          // the same three with another context each time, so that what is remembered of them is put to use
          const env = { ...first, context: randomContext(pick) };
          expect(saidBy(index.evaluate(env))).toBe(askedOneByOne(policies, env));
        }
        const other = randomEnv(pick, entities);
        expect(saidBy(index.evaluate(other))).toBe(askedOneByOne(policies, other));
      }),
      { seed: 4, numRuns: count < 50 ? 40 : 8 },
    );
  },
);
