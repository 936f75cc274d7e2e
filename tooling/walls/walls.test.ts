import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cruiseTree } from "./cruise.mjs";
import { rules } from "./rules.mjs";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-walls-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function writeModule(tree: string, path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

test.each(rules.map((rule) => [rule.name, rule.example] as const))(
  "the wall %s falls on its example",
  async (name, example) => {
    const [from, to] = example;
    const tree = mkdtempSync(join(dir, "broken-"));
    const isFile = to?.endsWith(".ts") ?? false;
    if (to !== undefined && isFile && to !== from) writeModule(tree, to, "export const there = 1;\n");
    const specifier = isFile && to ? relative(dirname(from), to).replace(/^(?!\.)/, "./") : to;
    const line = specifier
      ? `import * as other from "${specifier}";\nexport const here = other;\n`
      : "export const here = 1;\n";
    writeModule(tree, from, line);
    const { violations, modules } = await cruiseTree(tree);
    expect(violations.map((violation) => violation.rule)).toContain(name);
    expect(modules).toContain(from);
  },
);

test("a tree that keeps to the rules passes, and every file of it is seen", async () => {
  const tree = mkdtempSync(join(dir, "good-"));
  writeModule(tree, "packages/kernel/src/a.ts", "export type A = 1;\n");
  writeModule(
    tree,
    "packages/ledger/src/b.ts",
    'import type { A } from "../../kernel/src/a.ts";\nexport const b: A = 1;\n',
  );
  const { violations, modules } = await cruiseTree(tree);
  expect(violations).toEqual([]);
  expect([...modules].sort()).toEqual(["packages/kernel/src/a.ts", "packages/ledger/src/b.ts"]);
});
