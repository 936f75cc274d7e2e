import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPolicies, compilePolicies, formatPolicies, type PolicyTexts, splitPolicies } from "./index.ts";

const good = '@id("all") permit (principal is User, action == Action::"sql.read.select", resource);';

function check(texts: Partial<PolicyTexts>) {
  return checkPolicies({ guardrails: "", access: "", obligations: "", ...texts });
}
function codes(texts: Partial<PolicyTexts>) {
  return check(texts).diagnostics.map(({ code }) => code);
}

describe("checking policies", () => {
  test("accepts a good policy without a word", () => {
    expect(check({ access: good })).toMatchObject({
      ok: true,
      diagnostics: [],
      policies: [{ id: "all", effect: "permit" }],
    });
  });

  test("places an error where the editor's columns are, after text outside ASCII", () => {
    const access = `// Zürich 🏦\n${good}\n@id("é🏦") permit (principal, action, resource) when { "🏦" === 1 };`;
    const [first] = check({ access }).diagnostics;
    expect(first).toMatchObject({ set: "access", severity: "error", code: "parse_error", start: { line: 3 } });
    expect(access.slice(first?.from, first?.to)).toMatch(/^=/);
  });

  test("checks the other policies when one does not parse", () => {
    const access = `permit (principal, actio, resource);\n@id("b") permit (principal is Foo, action, resource);`;
    const { diagnostics } = check({ access });
    expect(diagnostics.map(({ code, start }) => [code, start.line])).toEqual([
      ["parse_error", 1],
      ["unconditional_write", 2],
      ["validation_error", 2],
    ]);
    expect(diagnostics[0]?.suggestion).toContain("`principal`, `action`, and `resource`");
  });

  test("validates strictly: a forbid that reads an optional attribute without has is an error", () => {
    const guardrails = `@id("m") forbid (principal is Agent, action == Action::"sql.read.select", resource) when { principal.model == "x" };`;
    const [found] = check({ guardrails }).diagnostics;
    expect(found).toMatchObject({ code: "validation_error", policyId: "m" });
    expect(found?.message).not.toContain("for policy");
    expect(found?.suggestion).toContain("has model");
  });

  test.each([
    ["missing_id", { access: good.replace('@id("all") ', "") }],
    ["duplicate_id", { access: good, obligations: good.replace(")", ') @record("full")') }],
    ["unknown_annotation", { access: good.replace(")", ') @colour("red")') }],
    ["ill_typed_annotation", { obligations: good.replace(")", ') @limit_rows("many")') }],
    ["misplaced_annotation", { access: good.replace(")", ') @limit_rows("5")') }],
    ["misplaced_effect", { guardrails: good }],
    ["no_obligation", { obligations: good }],
    ["template", { access: good.replace("principal is User", "principal == ?principal") }],
    ["unscoped_policy", { access: '@id("x") permit (principal, action, resource);' }],
    ["unconditional_write", { access: '@id("x") permit (principal is User, action in Action::"write", resource);' }],
    ["never_applies", { access: good.replace("principal is User", 'principal is User in Database::"shop"') }],
    ["never_applies", { access: good.replace("resource)", "resource is Database)") }],
    ["never_applies", { access: good.replace(";", ' when { principal == DataClass::"email" };') }],
    [
      "unconditional_write",
      { access: '@id("x") permit (principal is User, action == Action::"ssh.exec.shell", resource);' },
    ],
    ["long_literal", { access: good.replace(";", " when { context.sql.objectCount == 9007199254740993 };") }],
  ])("reports %s", (code, texts) => {
    expect(codes(texts)).toContain(code);
  });

  test.each([
    ["permt (principal, action, resource);", "Did you mean `permit`?"],
    [good.replace(";", " whn { true };"), "Did you mean `when`?"],
    [good.replace(";", ' when { context.sql.functions.contain("x") };'), "Did you mean `contains`?"],
    [good.replace("is User", "is Usr"), "Did you mean `User`?"],
    [good.replace("sql.read.select", "sql.read.selct"), 'Did you mean `Action::"sql.read.select"`?'],
    [good.replace(";", " when { context.sql.unboundd };"), "Did you mean `unbounded`?"],
    [good.replace(";", ' when { principal.handel == "x" };'), "Did you mean `handle`?"],
    [good.replace(")", ') @descripton("x")'), "Did you mean @description?"],
    [good.replace(")", ') @limit_row("5")'), "Did you mean @limit_rows?"],
    [good.replace(";", ' when { context.approval.id == "x" };'), "Try testing for the attribute's presence"],
  ])("suggests what was meant by %s", (access, suggestion) => {
    const [found, ...rest] = check({ access }).diagnostics.filter(({ severity }) => severity === "error");
    expect(found?.suggestion).toContain(suggestion);
    expect(found?.message).toMatch(/^[A-Z`@'].*\.$/);
    expect(rest).toEqual([]);
  });

  test("says once that a policy never applies, and why", () => {
    const never = check({ access: good.replace("resource)", "resource is Database)") });
    expect(never.ok).toBe(true);
    expect(never.diagnostics).toMatchObject([{ code: "never_applies", severity: "warning", policyId: "all" }]);
  });

  test("a permit of changes outside production needs no condition", () => {
    const permit = (where: string) =>
      codes({
        access: `@id("x") permit (principal is User, action == Action::"sql.write.update", resource in ${where});`,
      });
    expect(permit('Environment::"production"')).toContain("unconditional_write");
    expect(permit('Database::"shop"')).toContain("unconditional_write");
    expect(permit('Environment::"staging"')).toEqual([]);
  });

  test("warns of a permit without conditions that names production, whatever it permits, and of showing classified values", () => {
    const permit = (action: string, resource: string, condition = "") =>
      codes({ access: `@id("x") permit (principal is User, action == Action::"${action}", ${resource})${condition};` });
    const production = 'resource in Environment::"production"';
    expect(permit("sql.read.select", production)).toEqual(["unconditional_production"]);
    expect(permit("sql.read.select", `${production.replace("resource", "resource is Table")}`)).toEqual([
      "unconditional_production",
    ]);
    expect(permit("sql.read.select", production, ' when { principal.handle == "ana" }')).toEqual([]);
    expect(permit("sql.read.select", 'resource in Environment::"staging"')).toEqual([]);
    expect(permit("sql.read.select", "resource")).toEqual([]);
    expect(permit("unmask", "resource")).toEqual(["unconditional_production"]);
  });

  test("counts unscoped policies against their budget, permits and forbids alike", () => {
    const forbids = (count: number) =>
      Array.from({ length: count }, (_, at) => `@id("f${at}") forbid (principal, action, resource);`).join("\n");
    const over = (count: number) =>
      check({ guardrails: forbids(count) }).diagnostics.map(({ code, policyId }) => [code, policyId]);
    expect(over(100)).toEqual([]);
    expect(over(102)).toEqual([["unscoped_over_budget", "f100"]]);
  });

  test("points at the annotation that is wrong", () => {
    const access = good.replace(")", ') @colour("red")');
    const [found] = check({ access }).diagnostics;
    expect(access.slice(found?.from, found?.to)).toBe('@colour("red")');
  });

  test("never throws and stays within the text, whatever is typed", () => {
    const bits = fc.constantFrom(
      '"',
      "\\",
      ";",
      "//",
      "\n",
      "permit",
      "(",
      "principal",
      "🏦",
      "@id",
      "{",
      "}",
      " ",
      "when",
      "é",
      "1",
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 30 }), (parts) => {
        const access = parts.join("");
        for (const { from, to } of check({ access }).diagnostics) {
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeGreaterThanOrEqual(from);
          expect(to).toBeLessThanOrEqual(access.length);
        }
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});

describe("splitting", () => {
  test("ignores semicolons in strings and comments", () => {
    const text = `// a; b\n@id("x;\\";") permit (principal, action, resource); // c;\nforbid (principal, action, resource);`;
    expect(splitPolicies(text).map((piece) => piece.text.slice(0, 6))).toEqual(['@id("x', "forbid"]);
  });
});

describe("compiling and formatting", () => {
  test("compiles to EST keyed by id, with the language version", () => {
    const compiled = compilePolicies({ guardrails: "", access: good, obligations: "" });
    expect(compiled).toMatchObject({
      ok: true,
      value: { access: { language: "4.5", staticPolicies: { all: { effect: "permit" } } } },
    });
  });

  test("refuses to compile with an error, and says which", () => {
    const compiled = compilePolicies({ guardrails: "", access: "permit (", obligations: "" });
    expect(compiled).toMatchObject({ ok: false, error: [{ code: "parse_error", set: "access" }] });
  });

  test("formats and keeps comments; refuses what does not parse, with the place", () => {
    expect(formatPolicies(`// why\n${good}`)).toMatchObject({ ok: true, value: expect.stringContaining("// why") });
    expect(formatPolicies("permit (")).toMatchObject({ ok: false, error: [{ start: { line: 1 } }] });
  });
});
