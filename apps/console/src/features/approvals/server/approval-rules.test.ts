import { describe, expect, test } from "vitest";
import { type ApprovalFacts, type Decider, isFulfilled, mayDecide, workflowProgress } from "./approval-rules.ts";

const now = 1_000;
const ana: Decider = { memberId: "ana", groups: ["engineering", "approvers"] };
const bo: Decider = { memberId: "bo", groups: ["approvers"] };
const cy: Decider = { memberId: "cy", groups: ["admins"] };
const di: Decider = { memberId: "di", groups: ["approvers", "admins"] };
const oneApprover = { name: "production-change", steps: [{ group: "approvers", needed: 1 }] };
const twoSteps = {
  name: "careful",
  steps: [
    { group: "approvers", needed: 1 },
    { group: "admins", needed: 1 },
  ],
};
const asked = (fields: Partial<ApprovalFacts> = {}): ApprovalFacts => ({
  status: "waiting",
  expiresAtMs: 2_000,
  principalType: "User",
  principalId: "ana",
  requesterId: "ana",
  workflows: [oneApprover],
  approvals: [],
  ...fields,
});
const codeOf = (result: ReturnType<typeof mayDecide>) => (result.ok ? "yes" : result.error.code);

describe("who may decide", () => {
  test("a member of the step's group may", () => expect(codeOf(mayDecide(asked(), bo, now))).toBe("yes"));
  test("the one who asked never may, whatever groups they are in", () =>
    expect(codeOf(mayDecide(asked(), ana, now))).toBe("approval.own"));
  test("the person for whom an agent asked never may", () =>
    expect(codeOf(mayDecide(asked({ principalType: "Agent", principalId: "copilot" }), ana, now))).toBe(
      "approval.own",
    ));
  test("a member outside the group may not, admin or not", () =>
    expect(codeOf(mayDecide(asked(), cy, now))).toBe("approval.not_approver"));
  test("nobody may once it is over or expired", () => {
    expect(codeOf(mayDecide(asked({ status: "withdrawn" }), bo, now))).toBe("approval.closed");
    expect(codeOf(mayDecide(asked(), bo, 2_000))).toBe("approval.expired");
  });
  test("nobody may say yes twice", () =>
    expect(codeOf(mayDecide(asked({ workflows: [twoSteps], approvals: [di] }), di, now))).toBe(
      "approval.decided_already",
    ));
  test("the second step opens only after the first", () => {
    expect(codeOf(mayDecide(asked({ workflows: [twoSteps] }), cy, now))).toBe("approval.not_approver");
    expect(codeOf(mayDecide(asked({ workflows: [twoSteps], approvals: [bo] }), cy, now))).toBe("yes");
  });
});

describe("when it is fulfilled", () => {
  test("one person counts for one step only", () => {
    expect(isFulfilled([twoSteps], [di])).toBe(false);
    expect(isFulfilled([twoSteps], [bo, di])).toBe(true);
    expect(isFulfilled([twoSteps], [di, cy])).toBe(true);
  });
  test("every workflow must be", () => {
    expect(isFulfilled([oneApprover, twoSteps], [bo])).toBe(false);
    expect(isFulfilled([oneApprover, twoSteps], [bo, cy])).toBe(true);
  });
  test("an approval without workflows never is", () => expect(isFulfilled([], [bo])).toBe(false));
  test("somebody who left the group since does not count", () =>
    expect(isFulfilled([oneApprover], [{ ...bo, groups: [] }])).toBe(false));
  test("k of n counts k different people", () => {
    const two = { name: "two", steps: [{ group: "approvers", needed: 2 }] };
    expect(isFulfilled([two], [bo])).toBe(false);
    expect(workflowProgress(two, [bo, di])).toMatchObject([{ approvedBy: ["bo", "di"] }]);
  });
});
