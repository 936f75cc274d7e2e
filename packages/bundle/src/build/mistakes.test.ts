import { expect, test, vi } from "vitest";
import { checkPolicies } from "./index.ts";

// the official parser and validator take their time on a busy machine
vi.setConfig({ testTimeout: 30_000 });

const HEAD = 'permit (principal is User, action == Action::"sql.read.select", resource)';
const head = (changed: string) => `@id("x") permit (${changed});`;
const when = (condition: string) => `@id("x") ${HEAD} when { ${condition} };`;
const READ = 'action == Action::"sql.read.select"';

function found(access: string) {
  return checkPolicies({ guardrails: "", access, obligations: "" }).diagnostics;
}

// what somebody new to Cedar writes, and what they are told to do
test.each([
  ["no semicolon", `@id("x") ${HEAD}`, "Write `;` after it."],
  ["no semicolon before another policy", `@id("x") ${HEAD} @id("y") ${HEAD};`, "Write `;` after it."],
  ["an open brace", `@id("x") ${HEAD} when { context.sql.unbounded ;`, "Write `}` where it ends."],
  ["an open brace at the end", `@id("x") ${HEAD} when { context.sql.unbounded`, "Write `}` where it ends."],
  ["round brackets for braces", `@id("x") ${HEAD} when (context.sql.unbounded);`, "Write `when { … }`."],
  ["and", when("context.sql.unbounded and context.sql.opaque"), "Write `&&`."],
  ["or", when("context.sql.unbounded OR context.sql.opaque"), "Write `||`."],
  ["not", when("not context.sql.unbounded"), "Write `!`"],
  ["deny", `@id("x") deny (principal, ${READ}, resource);`, "Write `forbid`."],
  ["allow", `@id("x") allow (principal, ${READ}, resource);`, "Write `permit`."],
  ["single quotes", head(`principal == User::'ana', ${READ}, resource`), 'Write `"…"`.'],
  ["typographic quotes", `@id(“x”) ${HEAD};`, 'Write straight double quotes: `"…"`.'],
  ["no quotes", head(`principal == User::ana, ${READ}, resource`), 'Write `User::"ana"`.'],
  ["no type", head('principal, action == "sql.read.select", resource'), 'Write `Action::"sql.read.select"`.'],
  ["an annotation without quotes", `@id(x) ${HEAD};`, 'Write @id("…").'],
  ["a hash for a comment", `# mine\n@id("x") ${HEAD};`, "Write `//`."],
  ["an open text", head(`principal == User::"ana, ${READ}, resource`), 'Look for a missing `"`'],
  ["a list of principals", head(`principal in [Group::"a", Group::"b"], ${READ}, resource`), "when { principal in ["],
  ["an attribute in the head", head(`principal.email == "a", ${READ}, resource`), "when { principal.… }"],
  ["a fraction", when("context.sql.objectCount < 1.5"), 'decimal("1.5")'],
  ["a regular expression", when("resource.name like /a.*/"), 'Write `like "a*"`'],
  ["null", when("context.approval == null"), "`context has approval`"],
  ["a text for an address", when('context.client.ip == "10.0.0.1"'), 'Write `ip("…")`.'],
  ["a text for a time", when('context.now < "2026-01-01"'), ""],
  ["an empty set", when("context.sql.functions == []"), "Ask `.isEmpty()` instead."],
  ["in for a set of texts", when('"f" in context.sql.functions'), 'set.contains("a")'],
  ["in for an attribute", when('"approval" in context'), "`context has approval`"],
  ["a method of another language", when('context.sql.functions.includes("f")'), 'Write `set.contains("a")`.'],
  ["the beginning of a text", when('resource.name.startsWith("f")'), 'like "beginning*"'],
  ["a verb alone", head('principal, action == Action::"select", resource'), 'Action::"sql.read.select"'],
  ["a verb in capitals", head('principal, action == Action::"DELETE", resource'), 'Action::"sql.write.delete"'],
  ["an attribute without its protocol", when("context.unbounded"), "Did you mean `context.sql.unbounded`?"],
])("%s: says in one finding what to write", (_what, access, suggestion) => {
  const errors = found(access).filter(({ severity }) => severity === "error");
  expect(errors).toHaveLength(1);
  expect(`${errors[0]?.message} ${errors[0]?.suggestion}`).toContain(suggestion);
  expect(errors[0]?.message).toMatch(/^[^\n]{5,160}\.$/);
  expect(JSON.stringify(errors)).not.toContain("__cedar");
});

test("an action that does not apply to such a resource says to what it applies, and how to mean all of it", () => {
  const [never] = found(head(`principal is User, ${READ}, resource == Database::"shop"`));
  expect(never).toMatchObject({ code: "never_applies", severity: "warning" });
  expect(never?.suggestion).toBe(
    'sql.read.select applies to Table, not to Database. Write `resource in Database::"shop"` for all that is in it.',
  );
});

test("an open bracket is underlined where it stands, over several lines", () => {
  const access = `@id("x")\n${HEAD}\nwhen {\n  context.sql.unbounded && (context.sql.opaque\n};`;
  const [error] = found(access);
  expect(error?.message).toBe("This `(` is not closed.");
  expect(access.slice(error?.from, error?.to)).toBe("(");
  expect(error?.start).toEqual({ line: 4, column: 28 });
});

test("of many alternatives that the parser would take none is listed", () => {
  const [error] = found(when("context.sql.unbounded context.sql.opaque"));
  expect(error?.message).toBe("Unexpected token `context`.");
});
