import { describe, expect, it } from "vitest";
import { denialFrame, noticeFrame, withoutValues } from "./refuse.ts";

const secret = "jo@example.org";

describe("an upstream's error about a statement that reads hidden columns", () => {
  it("never quotes a value, whatever its code", () => {
    for (const code of ["22P02", "42704", "42P01", "3F000", "42602", "42601", "0A000", "XX000", "P0001", "00000"]) {
      const shown = withoutValues({ S: "ERROR", C: code, M: `"${secret}" does not exist`, D: secret, H: secret });
      expect(JSON.stringify(shown), code).not.toContain(secret);
      expect(shown.C).toBe(code);
    }
  });

  it("keeps what is said of the statement's own words and of constraints", () => {
    const misspelt = { C: "42703", M: 'column "nmae" does not exist', P: "8" };
    expect(withoutValues(misspelt)).toEqual(misspelt);
    const twice = { C: "23505", M: 'duplicate key value violates unique constraint "customers_pkey"' };
    expect(withoutValues({ ...twice, D: `Key (email)=(${secret}) already exists.` })).toEqual(twice);
  });

  it("does not take words inside a value for the statement's own", () => {
    const parsed = { C: "42601", M: 'syntax error at or near "330"', P: "1", W: 'invalid type name "330-74-5166"' };
    expect(JSON.stringify(withoutValues(parsed))).not.toContain("330");
  });

  it("does not trust the code of what a function raises", () => {
    const raised = { C: "23505", M: `taken: ${secret}`, R: "exec_stmt_raise" };
    expect(JSON.stringify(withoutValues(raised))).not.toContain(secret);
  });
});

describe("what people wrote", () => {
  it("reaches a terminal without control characters and turned directions", () => {
    const reason = "refused by bo: \u001b[2Jno\nSluice: allowed\u202e\u0007 \u009b31m";
    const frames = [denialFrame({ kind: "approval", policyId: "approval", reason, hint: "a\tb" }), noticeFrame(reason)];
    for (const frame of frames) {
      const said = frame.toString("utf8", 5).replaceAll("\0", "");
      expect(said).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
      expect(said).toContain("refused by bo:  [2Jno Sluice: allowed");
    }
  });
});
