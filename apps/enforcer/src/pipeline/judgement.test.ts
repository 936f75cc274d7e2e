import { noObligations } from "@sluice/policy-engine";
import { describe, expect, it } from "vitest";
import type { StatementFacts } from "../languages/facts.ts";
import type { Decision } from "./decision.ts";
import { judgementOf } from "./judgement.ts";

const facts: StatementFacts = {
  command: "EXECUTE",
  accesses: [],
  functions: [],
  unparsed: false,
  opaque: false,
  dynamic: false,
  unbounded: false,
  multiStatement: false,
  returnsRows: false,
  changesSession: false,
  transaction: "none",
  span: [0, 9],
};
const asked: Decision = {
  kind: "ask",
  refused: undefined,
  denial: { kind: "approval", policyId: "production-write", reason: "a second person approves" },
  workflows: ["production-change"],
  obligations: noObligations,
  masks: [undefined],
  readsHidden: false,
  errorsMayLeak: false,
  decisions: [],
  classes: [],
  grantsEndMs: Number.POSITIVE_INFINITY,
};

describe("a statement that needs approval", () => {
  it("is held with its own text, and refused when only a name stands for it", () => {
    expect(
      judgementOf("UPDATE t SET a = 1 WHERE id = 1", [facts], asked, { catalogue: undefined, isCurrent: () => true })
        .kind,
    ).toBe("ask");
    const named = { ...facts, executes: { kind: "statement", name: "p" } } as const;
    expect(judgementOf("EXECUTE p(1)", [named], asked, { catalogue: undefined, isCurrent: () => true }).kind).toBe(
      "deny",
    );
  });
});
