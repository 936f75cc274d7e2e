import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatPolicyFile } from "@sluice/bundle/build";
import type { PolicyFolder } from "./policy-folder.ts";
import { printJson, printProblems } from "./print-problems.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** How `fmt` works: `check` only tells and answers 1 when something is not in canonical form. */
export interface FmtOptions {
  readonly check: boolean;
  readonly json: boolean;
}

/** `sluice policy fmt`: rewrites policies and tests that are not in canonical form. A file that cannot be read as what it is stays as it is. */
export function fmt({ path, files }: PolicyFolder, { check, json }: FmtOptions, terminal: Terminal): ExitCode {
  const formatted = Object.entries(files).map(([file, text]) => ({ file, text, result: formatPolicyFile(file, text) }));
  const problems = formatted.flatMap(({ result }) => (result.ok ? [] : result.error));
  const changed: string[] = [];
  for (const { file, text, result } of formatted) {
    if (!result.ok || result.value === text) continue;
    changed.push(file);
    if (!check) writeFileSync(join(path, file), result.value);
  }
  const ok = problems.length === 0 && (!check || changed.length === 0);
  if (json) printJson({ ok, changed, problems }, terminal);
  else {
    printProblems(path, problems, terminal);
    for (const file of changed)
      terminal.print(`${join(path, file)} ${check ? "is not in canonical form" : "formatted"}`);
  }
  return ok ? 0 : 1;
}
