import { diffPolicies, type PolicyChange, type PolicyTexts } from "@sluice/bundle/build";
import { printJson } from "./print-problems.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

const signs = { added: "+", removed: "-", changed: "~", moved: ">" } as const;

/** `sluice policy diff`: one line per policy that differs in meaning; 1 when there is any, as diff does. */
export function diff(before: PolicyTexts, after: PolicyTexts, json: boolean, terminal: Terminal): ExitCode {
  const changes = diffPolicies(before, after);
  if (json) printJson({ ok: changes.length === 0, changes }, terminal);
  else printChanges(changes, terminal);
  return changes.length === 0 ? 0 : 1;
}

/** The changes as people read them. */
export function printChanges(
  changes: readonly Pick<PolicyChange, "id" | "set" | "kind" | "before" | "after">[],
  terminal: Terminal,
): void {
  for (const change of changes) {
    terminal.print(`${signs[change.kind]} ${change.set} ${change.id} ${change.kind}`);
    if (change.kind !== "changed") continue;
    for (const line of change.before?.split("\n") ?? []) terminal.print(`    - ${line}`);
    for (const line of change.after?.split("\n") ?? []) terminal.print(`    + ${line}`);
  }
  const count = changes.length === 1 ? "1 policy differs" : `${changes.length} policies differ`;
  terminal.print(changes.length === 0 ? "no policy differs" : count);
}
