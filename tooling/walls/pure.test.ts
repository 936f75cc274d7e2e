import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const repository = join(import.meta.dirname, "../..");
const oxlint = join(repository, "node_modules/.bin/oxlint");
const engine = "packages/policy-engine/src";

/** What the engine must not reach: a line that does, and the rule that stops it. */
const forbidden = [
  ["the clock", "export const now = Date.now();", "no-restricted-globals"],
  ["the other clock", "export const now = performance.now();", "no-restricted-globals"],
  ["chance", "export const chance = Math.random();", "no-restricted-properties"],
  ["chance by another name", "export const { random } = Math;", "no-restricted-properties"],
  ["the process", "export const env = process;", "no-restricted-globals"],
  ["any of them through the global object", "export const time = globalThis.Date;", "no-restricted-globals"],
  ["timers", "setTimeout(() => {}, 1);", "no-restricted-globals"],
  ["the network", 'export const answer = fetch("http://x");', "no-restricted-globals"],
  ["code out of texts", 'export const run = new Function("return 1");', "no-new-func"],
  ["code out of texts by eval", 'export const one = eval("1");', "no-eval"],
] as const;
const allowed = { "b.ts": "export const half = Math.floor(1 / 2);", "c.test.ts": "export const now = Date.now();" };

let dir: string;
let report: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-pure-"));
  copyFileSync(join(repository, ".oxlintrc.json"), join(dir, ".oxlintrc.json"));
  mkdirSync(join(dir, engine), { recursive: true });
  for (const [at, [, line]] of forbidden.entries()) writeFileSync(join(dir, engine, `a${at}.ts`), `${line}\n`);
  for (const [file, line] of Object.entries(allowed)) writeFileSync(join(dir, engine, file), `${line}\n`);
  const run = spawnSync(oxlint, ["--format", "unix", engine], { cwd: dir, encoding: "utf8", timeout: 90_000 });
  report = run.stdout;
}, 120_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function findingsIn(file: string): string[] {
  return report.split("\n").filter((line) => line.includes(`/${file}:`));
}

test.each(forbidden.map(([what, , rule], at) => [what, rule, at] as const))(
  "the engine cannot reach %s",
  (_, rule, at) => {
    expect(findingsIn(`a${at}.ts`).join("\n")).toContain(rule);
  },
);

test.each(Object.keys(allowed))("what the engine may do passes, and its tests may look at the clock: %s", (file) => {
  expect(findingsIn(file)).toEqual([]);
});
