import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, inject, test } from "vitest";

const { file } = inject("stack");
const root = mkdtempSync(join(tmpdir(), "sluice-policies-"));
const folder = join(root, "policies");
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** `npx sluice policy …` as cy, who may write policies. */
function sluice(...args: string[]) {
  const env = { ...process.env, SLUICE_URL: file.consoleUrl, SLUICE_API_TOKEN: file.people["cy"]?.apiToken ?? "" };
  const main = join(import.meta.dirname, "../../apps/cli/src/main.ts");
  const run = spawnSync(process.execPath, [main, "policy", ...args], { env, encoding: "utf8", timeout: 120_000 });
  return { code: run.status, text: `${run.stdout}${run.stderr}` };
}

function contents(): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    paths
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.endsWith("sluice.json"))
      .toSorted()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]),
  );
}

const policy = `// made from a file
@id("from-a-file")
permit (
  principal == User::"nobody",
  action == Action::"sql.read.select",
  resource in Database::"shop"
);
`;

test("the policies of a new org leave as files that are checked, canonical and tested, come back edited, and are published", () => {
  expect(sluice("export", folder)).toMatchObject({ code: 0 });
  expect(sluice("check", folder)).toMatchObject({ code: 0, text: expect.stringContaining(" 0 errors") });
  expect(sluice("fmt", folder, "--check")).toEqual({ code: 0, text: "" });
  expect(sluice("test", folder, "--cover", "100")).toMatchObject({ code: 0 });
  expect(sluice("diff", folder, "--published")).toEqual({ code: 0, text: "no policy differs\n" });

  writeFileSync(join(folder, "access/from-a-file.cedar"), policy);
  const edited = contents();
  expect(sluice("import", folder, "--dry-run").text).toContain("+ access from-a-file added");
  const imported = sluice("import", folder, "--note", "from a file");
  const draft = /sluice policy publish (\d+)/.exec(imported.text)?.[1] ?? imported.text;
  expect(sluice("diff", folder, "--published").code).toBe(1); // a draft is not in force
  expect(sluice("publish", draft)).toMatchObject({ code: 0, text: expect.stringMatching(/^version \d+ is published/) });

  expect(sluice("diff", folder, "--published").code).toBe(0);
  expect(sluice("export", folder)).toMatchObject({ code: 0 });
  expect(contents()).toEqual(edited);
  expect(sluice("publish", draft)).toMatchObject({ code: 1, text: expect.stringContaining("was published meanwhile") });
}, 300_000);

test("a failing test stops a publish from files until somebody who may says why, and a draft can be put aside", () => {
  expect(sluice("export", folder, "--force")).toMatchObject({ code: 0 });
  const suite = join(folder, "access/people-connect.policy-tests.json");
  const right = readFileSync(suite, "utf8");
  const draftOf = (text: string) => {
    writeFileSync(suite, text);
    const imported = sluice("import", folder, "--note", "tests");
    return /sluice policy publish (\d+)/.exec(imported.text)?.[1] ?? imported.text;
  };
  const wrong = draftOf(right.replace('"verdict": "allow"', '"verdict": "deny"'));
  expect(sluice("publish", wrong)).toMatchObject({
    code: 1,
    text: expect.stringMatching(/^1 of \d+ policy tests fail \(access\/people-connect: .*expected deny, got allow/),
  });
  const unwanted = draftOf(`${right}\n`.replace("connects", "connects at last"));
  expect(sluice("discard", unwanted)).toEqual({ code: 0, text: `draft ${unwanted} is discarded\n` });
  expect(sluice("publish", unwanted)).toMatchObject({ code: 1, text: expect.stringContaining("was discarded") });
  expect(sluice("publish", wrong, "--override-tests", "To see that it works")).toMatchObject({ code: 0 });
  expect(sluice("export", folder, "--force")).toMatchObject({ code: 0 });
  expect(readFileSync(suite, "utf8")).toContain('"verdict": "deny"');
  expect(sluice("publish", draftOf(right))).toMatchObject({ code: 0 });
}, 300_000);
