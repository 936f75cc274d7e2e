import { expect, test } from "vitest";
import { ownPath } from "./own-path.ts";

test.each([
  ["/", "/"],
  ["/audit?verdicts=deny&range=24h", "/audit?verdicts=deny&range=24h"],
  ["/approvals/7#x", "/approvals/7"],
  ["audit", "/audit"],
])("leads to a page of ours: %s", (asked, path) => {
  expect(ownPath(asked)).toBe(path);
});

test.each([
  undefined,
  "https://evil.example",
  "//evil.example",
  "/.//evil.example",
  "/..//evil.example/x",
  "/a/..//evil.example",
  "http://x//evil.example/y",
  "http://console.invalid//evil.example",
  "x:/.//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "javascript:alert(1)",
])("leads nowhere else: %s", (asked) => {
  const path = ownPath(asked);
  expect(path).toBe("/");
  expect(new URL(path, "https://ours.example").origin).toBe("https://ours.example");
});
