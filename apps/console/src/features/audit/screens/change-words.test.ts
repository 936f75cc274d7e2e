import { expect, test } from "vitest";
import { changeWords, targetName } from "./change-words.ts";

test("says a change as people do, and leaves unknown actions readable", () => {
  expect(changeWords("access_token.issue")).toBe("issued access token");
  expect(changeWords("policy.publish")).toBe("published policy");
  expect(changeWords("ledger.seal_range")).toBe("ledger seal range");
});

test("shows the name of a principal, not its Cedar id", () => {
  expect(targetName('User::"ana"')).toBe("ana");
  expect(targetName("http://localhost:4402")).toBe("http://localhost:4402");
});
