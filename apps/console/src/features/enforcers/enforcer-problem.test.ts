import { expect, test } from "vitest";
import { type EnforcerFacts, enforcerProblem } from "./enforcer-problem.ts";

const now = 1_760_000_000_000;
const at = (ms: number) => new Date(now + ms);
const fine: EnforcerFacts = {
  status: "online",
  desiredVersion: 7,
  appliedVersion: 7,
  appliedAt: at(-60_000),
  refusedReason: null,
  refusedCode: null,
  refusedVersion: null,
  refusedAt: null,
  stoppedReason: null,
  recordsRefusedReason: null,
  lastSeenAt: at(-1_000),
  certificateEndsAt: at(600_000),
};
const problem = (facts: Partial<EnforcerFacts>) => enforcerProblem({ ...fine, ...facts }, now);

test("an enforcer that applies what it should has no problem, nor has one that is just changing over", () => {
  expect(problem({})).toBeNull();
  expect(problem({ appliedVersion: 6, appliedAt: at(-2_000) })).toBeNull();
});

test.each([
  ["pending", { status: "pending" }, "not enrolled"],
  ["offline", { status: "offline" }, "not connected"],
  ["banned", { status: "banned" }, "banned"],
  [
    "refused a bundle",
    { refusedReason: "It asks for @limit_columns", refusedCode: "bundle.bad_policies" },
    "It asks for @limit_columns. It goes on with bundle 7, the last good one. Update this enforcer",
  ],
  [
    "refused its first bundle",
    { refusedReason: "Wrong key.", refusedCode: "bundle.unknown_key", appliedVersion: null },
    "refuses all work. It trusts another key",
  ],
  ["refused for an unknown reason", { refusedReason: "Odd.", refusedCode: "bundle.odd" }, "Its log has the cause"],
  [
    "sends records that are not taken",
    { recordsRefusedReason: "Records 3 to 5 are not taken: another key signed." },
    "Records 3 to 5 are not taken: another key signed. They wait in its spool; when that is full it refuses new work.",
  ],
  ["stopped", { stoppedReason: "the disk is full" }, "refuses new work: the disk is full"],
  ["silent", { lastSeenAt: at(-61_000) }, "not been heard"],
  ["its certificate is over", { certificateEndsAt: at(-1) }, "certificate has ended"],
  ["behind", { appliedVersion: 6 }, "bundle 6 while 7"],
  ["nothing applied", { appliedVersion: null }, "has not applied bundle 7"],
])("a sentence says what is wrong when it is %s", (_, facts, words) => {
  expect(problem(facts)).toContain(words);
});
