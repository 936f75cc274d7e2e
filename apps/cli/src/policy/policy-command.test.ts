import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { policyCommand } from "./policy-command.ts";

const starter = join(import.meta.dirname, "../../../../packages/bundle/src/starter");
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-policy-"));
  for (const name of ["guardrails.cedar", "access.cedar", "obligations.cedar", "starter.policy-tests.json"]) {
    cpSync(join(starter, name), join(folder, name));
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]) {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  const code = policyCommand(args, { print: note, complain: note }, "usage");
  return { code, text: lines.join("\n") };
}

function append(set: string, text: string): void {
  const file = join(folder, `${set}.cedar`);
  writeFileSync(file, readFileSync(file, "utf8") + text);
}

describe("sluice policy", () => {
  test("accepts the starter pack", () => {
    expect(run("check", folder)).toEqual({ code: 0, text: "31 policies, 0 errors, 0 warnings" });
  });

  test("names file, line and column of a mistake, and what to do", () => {
    append("access", '@id("x") permit (principal, actio, resource);\n');
    const { code, text } = run("check", folder);
    expect(code).toBe(1);
    expect(text).toMatch(/access\.cedar:\d+:\d+: error parse_error: Found an invalid variable.*`action`/);
  });

  test("fmt --check tells, fmt repairs", () => {
    append("access", '@id("x") permit (principal is User,action == Action::"sql.read.select",resource);\n');
    expect(run("fmt", folder, "--check").code).toBe(1);
    expect(run("fmt", folder).code).toBe(0);
    expect(run("fmt", folder, "--check")).toEqual({ code: 0, text: "" });
  });

  test("runs the suites, reports coverage, and fails when a verdict differs", () => {
    expect(run("test", folder)).toMatchObject({ code: 0, text: expect.stringContaining("coverage: 31 of 31") });
    append("access", '@id("x") forbid (principal, action == Action::"sql.read.select", resource);\n');
    const { code, text } = run("test", folder);
    expect(code).toBe(1);
    expect(text).toContain("expected allow, got deny (forbidden) because of x");
  });

  test("diff tells policies that differ in meaning", () => {
    append("guardrails", '@id("new") forbid (principal, action == Action::"sql.read.listen", resource);\n');
    expect(run("diff", starter, folder)).toMatchObject({
      code: 1,
      text: expect.stringContaining("+ guardrails new added"),
    });
    expect(run("diff", folder, folder)).toEqual({ code: 0, text: "no policy differs" });
  });

  test("explain tells the verdict, the policies, the facts they read and the way out", () => {
    const { code, text } = run("explain", folder, "--case", "DELETE without WHERE");
    expect(code).toBe(0);
    expect(text).toContain("verdict: deny (forbidden)");
    expect(text).toContain("context.sql.unbounded = true");
    expect(text).toContain("would allow: Add a WHERE clause");
  });

  test("refuses what it cannot run, with 2", () => {
    expect(run("check", join(folder, "nowhere")).code).toBe(2);
    expect(run("explain", folder).code).toBe(2);
    expect(run("diff", folder).code).toBe(2);
    expect(run("dance").code).toBe(2);
    expect(run("check", "--wrong").code).toBe(2);
    writeFileSync(join(folder, "bad.policy-tests.json"), "{");
    expect(run("test", folder)).toMatchObject({ code: 2, text: expect.stringContaining("bad.policy-tests.json") });
  });
});
