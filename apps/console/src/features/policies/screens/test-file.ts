import type { EditorProblem } from "../../../ui/code-editor.tsx";
import type { PolicySetName } from "../schemas.ts";

/** Files of tests: content by path in a folder of policies. */
export type TestFiles = Readonly<Record<string, string>>;

/** The file of the entities that all tests share. */
export const ENTITIES_FILE = "entities.json";
const ENDING = ".policy-tests.json";

/** Where the tests of a policy stand: beside it, under its name. */
export function testFileOf({ id, set }: { readonly id: string; readonly set: PolicySetName }): string {
  return `${set}/${encodeURIComponent(id)}${ENDING}`;
}

/** A file of tests as people call it: without the ending that all of them have. */
export function testFileName(file: string): string {
  return file.endsWith(ENDING) ? file.slice(0, -ENDING.length) : file;
}

/** A first test to write over: who does what to which thing, and the verdict it must have. */
export function firstTest(determining: string | undefined): string {
  const expected = { verdict: "deny", ...(determining === undefined ? {} : { determining: [determining] }) };
  const test = {
    name: "say in words what must be so",
    principal: 'User::"ana"',
    action: "sql.read.select",
    resource: 'Table::"shop/public.customers"',
    expect: expected,
  };
  return `${JSON.stringify({ cases: [test] }, null, 2)}\n`;
}

/** Canonical JSON, or the text as it is when it is none. */
export function formatJson(text: string): string {
  try {
    return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
  } catch {
    return text;
  }
}

/** Whether two sets of files hold the same. */
export function sameFiles(a: TestFiles, b: TestFiles): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** A remark at a line and column (from 1) as the editor underlines it: from there to the end of the line. */
export function remarkAt(
  text: string,
  { line, column }: { readonly line: number; readonly column: number },
  message: string,
): EditorProblem {
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    const end = text.indexOf("\n", start);
    if (end < 0) break;
    start = end + 1;
  }
  const end = text.indexOf("\n", start);
  const lineEnd = end < 0 ? text.length : end;
  const from = Math.min(start + column - 1, lineEnd);
  return { from, to: lineEnd, severity: "error", message };
}
