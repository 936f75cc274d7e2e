import { diffPolicies } from "@sluice/bundle/build";
import type { PolicyFolder } from "./policy-folder.ts";
import type { Terminal } from "./terminal.ts";

const signs = { added: "+", removed: "-", changed: "~", moved: ">" } as const;

/** `sluice policy diff`: one line per policy that differs in meaning; 1 when there is any, as diff does. */
export function diff(before: PolicyFolder, after: PolicyFolder, terminal: Terminal): number {
  const changes = diffPolicies(before.texts, after.texts);
  for (const change of changes) {
    terminal.print(`${signs[change.kind]} ${change.set} ${change.id} ${change.kind}`);
    if (change.kind !== "changed") continue;
    for (const line of change.before?.split("\n") ?? []) terminal.print(`    - ${line}`);
    for (const line of change.after?.split("\n") ?? []) terminal.print(`    + ${line}`);
  }
  terminal.print(changes.length === 0 ? "no policy differs" : `${changes.length} policies differ`);
  return changes.length === 0 ? 0 : 1;
}
