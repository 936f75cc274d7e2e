import { expect, test } from "vitest";
import { firstTest, formatJson, remarkAt, sameFiles, testFileName, testFileOf } from "./test-file.ts";

test("a policy's tests stand beside it, under a name that every file system takes", () => {
  expect(testFileOf({ set: "access", id: "people/read" })).toBe("access/people%2Fread.policy-tests.json");
  expect(testFileName("access/people-read.policy-tests.json")).toBe("access/people-read");
  expect(testFileName("entities.json")).toBe("entities.json");
});

test("a first test is one that parses and names its policy", () => {
  expect(JSON.parse(firstTest("no-drop"))).toMatchObject({ cases: [{ expect: { determining: ["no-drop"] } }] });
  expect(firstTest(undefined)).not.toContain("determining");
});

test("formatting leaves alone what is not JSON yet", () => {
  expect(formatJson('{"a":1}')).toBe('{\n  "a": 1\n}\n');
  expect(formatJson('{"a":')).toBe('{"a":');
});

test("files are the same by name and content, whatever their order", () => {
  expect(sameFiles({ a: "1", b: "2" }, { b: "2", a: "1" })).toBe(true);
  expect(sameFiles({ a: "1" }, { a: "2" })).toBe(false);
  expect(sameFiles({ a: "1" }, { b: "1" })).toBe(false);
});

test("a remark covers its place to the end of the line, and never leaves the text", () => {
  const text = "one\n  two\nthree";
  const marked = (line: number, column: number) => {
    const { from, to } = remarkAt(text, { line, column }, "x");
    return text.slice(from, to);
  };
  expect([marked(1, 1), marked(2, 3), marked(3, 2), marked(2, 99), marked(9, 1)]).toEqual([
    "one",
    "two",
    "hree",
    "",
    "three",
  ]);
});
