import { expect, test } from "vitest";
import { attentionOf } from "./attention.ts";

const quiet = {
  waiting: { waiting: 0, waitingForMe: 0 },
  enforcers: 1,
  notCurrent: [],
  resources: 1,
  policyVersion: 1,
};
const enforcer = (status: string) => ({
  id: "01a20158-1e6f-7674-bef4-27b510fcdf9b",
  name: "main-1",
  status,
  appliedVersion: 1,
  desiredVersion: 2,
  problem: "It is behind.",
});

test("nothing needs a person when all is well, nor when approvals wait for others only", () => {
  expect(attentionOf(quiet)).toEqual([]);
  expect(attentionOf({ ...quiet, waiting: { waiting: 3, waitingForMe: 0 } })).toEqual([]);
});

test("the worst comes first", () => {
  const found = attentionOf({
    ...quiet,
    waiting: { waiting: 2, waitingForMe: 2 },
    notCurrent: [enforcer("online"), enforcer("offline")],
    resources: 0,
  });
  expect(found.map(({ severity }) => severity)).toEqual(["critical", "warning", "warning", "info"]);
  expect(found[0]?.href).toBe("/enforcers/01a20158-1e6f-7674-bef4-27b510fcdf9b");
});

test("a new org is told its first steps", () => {
  const found = attentionOf({ ...quiet, enforcers: 0, resources: 0, policyVersion: null });
  expect(found.map(({ href }) => href)).toEqual(["/policies", "/enforcers", "/resources"]);
});
