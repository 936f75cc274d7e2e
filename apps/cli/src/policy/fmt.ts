import { writeFileSync } from "node:fs";
import { formatPolicies, policySets } from "@sluice/bundle/build";
import { printDiagnostics } from "./check.ts";
import { fileOf, type PolicyFolder } from "./policy-folder.ts";
import type { Terminal } from "./terminal.ts";

/** `sluice policy fmt`: rewrites what is not in canonical form; with `checkOnly` it only tells, and answers 1. */
export function fmt({ path, texts }: PolicyFolder, checkOnly: boolean, terminal: Terminal): number {
  let code = 0;
  for (const set of policySets) {
    const formatted = formatPolicies(texts[set], set);
    if (!formatted.ok) {
      printDiagnostics(path, formatted.error, terminal);
      code = 1;
    } else if (formatted.value !== texts[set]) {
      terminal.print(`${fileOf(path, set)} ${checkOnly ? "is not in canonical form" : "formatted"}`);
      if (checkOnly) code = 1;
      else writeFileSync(fileOf(path, set), formatted.value);
    }
  }
  return code;
}
