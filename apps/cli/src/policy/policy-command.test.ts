import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { policyCommand } from "./policy-command.ts";

// the official parser and validator take their time on a busy machine
vi.setConfig({ testTimeout: 30_000 });

const starter = join(import.meta.dirname, "../../../../packages/bundle/src/starter");
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-policy-"));
  for (const name of ["guardrails.cedar", "access.cedar", "obligations.cedar", "starter.policy-tests.json"]) {
    cpSync(join(starter, name), join(folder, name));
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]) {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  const code = await policyCommand(args, { terminal: { print: note, complain: note }, usage: "usage" });
  return { code, text: lines.join("\n") };
}

function append(set: string, text: string): void {
  const file = join(folder, `${set}.cedar`);
  writeFileSync(file, readFileSync(file, "utf8") + text);
}

describe("sluice policy", () => {
  test("accepts the starter pack", async () => {
    expect(await run("check", folder)).toEqual({ code: 0, text: "33 policies, 0 errors, 0 warnings" });
  });

  test("names file, line and column of a mistake, and what to do", async () => {
    append("access", '@id("x") permit (principal, actio, resource);\n');
    const { code, text } = await run("check", folder);
    expect(code).toBe(1);
    expect(text).toMatch(/access\.cedar:\d+:\d+: error parse_error: Found an invalid variable.*`action`/);
  });

  test("fmt --check tells, fmt repairs", async () => {
    append("access", '@id("x") permit (principal is User,action == Action::"sql.read.select",resource);\n');
    expect((await run("fmt", folder, "--check")).code).toBe(1);
    expect((await run("fmt", folder)).code).toBe(0);
    expect(await run("fmt", folder, "--check")).toEqual({ code: 0, text: "" });
  });

  test("runs the suites, reports coverage, and fails when a verdict differs", async () => {
    expect(await run("test", folder)).toMatchObject({ code: 0, text: expect.stringContaining("coverage: 33 of 33") });
    append("access", '@id("x") forbid (principal, action == Action::"sql.read.select", resource);\n');
    const { code, text } = await run("test", folder);
    expect(code).toBe(1);
    expect(text).toContain("expected allow, got deny (forbidden) because of x");
  });

  test("diff tells policies that differ in meaning", async () => {
    append("guardrails", '@id("new") forbid (principal, action == Action::"sql.read.listen", resource);\n');
    expect(await run("diff", starter, folder)).toMatchObject({
      code: 1,
      text: expect.stringContaining("+ guardrails new added"),
    });
    expect(await run("diff", folder, folder)).toEqual({ code: 0, text: "no policy differs" });
  });

  test("explain tells the verdict, the policies, the facts they read and the way out", async () => {
    const { code, text } = await run("explain", folder, "--case", "DELETE without WHERE");
    expect(code).toBe(0);
    expect(text).toContain("verdict: deny (forbidden)");
    expect(text).toContain("context.sql.unbounded = true");
    expect(text).toContain("would allow: Add a WHERE clause");
  });

  test("names the place of a mistake in a test as well", async () => {
    writeFileSync(join(folder, "bad.policy-tests.json"), '{ "cases": [\n  { "name": "x" } ] }');
    const { code, text } = await run("test", folder);
    expect(code).toBe(1);
    expect(text).toContain("bad.policy-tests.json:2:3: error bad_tests: cases.0.principal");
  });

  test("works on a folder with one file per policy, and names the file", async () => {
    mkdirSync(join(folder, "guardrails"));
    writeFileSync(
      join(folder, "guardrails", "one.cedar"),
      '@id("two") forbid (principal is User, action, resource);\n',
    );
    const { code, text } = await run("check", folder);
    expect(code).toBe(1);
    expect(text).toMatch(/guardrails\/one\.cedar:1:1: error misnamed_file: .* Call the file two\.cedar\./);
  });

  test("explains a question of one's own", async () => {
    const question = [
      "--principal",
      'User::"ana"',
      "--action",
      "sql.write.delete",
      "--resource",
      'Table::"shop/public.customers"',
    ];
    const { code, text } = await run("explain", folder, ...question, "--context", '{"sql":{"unbounded":true}}');
    expect(code).toBe(0);
    expect(text).toMatch(/^verdict: deny \(forbidden\)/);
    expect((await run("explain", folder, ...question.slice(0, 4))).code).toBe(2);
    expect((await run("explain", folder, ...question, "--context", "nonsense")).text).toContain(
      "--context is not JSON",
    );
  });

  test("--json is one JSON document, whatever the outcome", async () => {
    expect(JSON.parse((await run("check", folder, "--json")).text)).toEqual({ ok: true, policies: 33, problems: [] });
    const tested = JSON.parse((await run("test", folder, "--json")).text);
    expect(tested).toMatchObject({ ok: true, coverage: { percent: 100, uncovered: [] } });
    const explained = JSON.parse((await run("explain", folder, "--case", "DELETE without WHERE", "--json")).text);
    expect(explained).toMatchObject({ ok: true, verdict: { kind: "deny" } });
    append("access", "permit (");
    expect(JSON.parse((await run("check", folder, "--json")).text)).toMatchObject({
      ok: false,
      problems: [{ file: "access.cedar", code: "parse_error" }],
    });
    expect(JSON.parse((await run("diff", folder, starter, "--json")).text)).toMatchObject({ ok: true, changes: [] });
  });

  test("--cover fails the tests when cases satisfy too few policies", async () => {
    append("access", '@id("x") permit (principal == User::"nobody", action == Action::"sql.read.select", resource);\n');
    expect((await run("test", folder, "--cover", "90")).code).toBe(0);
    expect(await run("test", folder, "--cover", "100")).toMatchObject({
      code: 1,
      text: expect.stringContaining("not covered: x"),
    });
    expect((await run("test", folder, "--cover", "many")).code).toBe(2);
  });

  test("refuses what it cannot run, with 2", async () => {
    expect((await run("check", join(folder, "nowhere"))).code).toBe(2);
    expect((await run("explain", folder)).code).toBe(2);
    expect((await run("diff", folder)).code).toBe(2);
    expect((await run("dance")).code).toBe(2);
    expect((await run("check", "--wrong")).code).toBe(2);
  });
});
