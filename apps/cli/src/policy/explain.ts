import { type PolicySuite, type PolicyTestOutcome, runPolicyTests } from "@sluice/bundle/build";
import { printDiagnostics } from "./check.ts";
import type { PolicyFolder } from "./policy-folder.ts";
import type { Terminal } from "./terminal.ts";

/** `sluice policy explain`: the verdict of the case whose name contains `wanted`, the policies behind it, the way out. */
export function explain(
  { path, texts }: PolicyFolder,
  suites: readonly PolicySuite[],
  wanted: string,
  terminal: Terminal,
): number {
  const run = runPolicyTests(texts, suites);
  if (!run.ok) {
    printDiagnostics(path, run.error, terminal);
    return 1;
  }
  const outcome = run.value.outcomes.find(({ name }) => name.includes(wanted));
  if (outcome === undefined) {
    terminal.complain(
      `no case is called "${wanted}"; there are: ${run.value.outcomes.map(({ name }) => name).join("; ")}`,
    );
    return 2;
  }
  printExplanation(outcome, terminal);
  return 0;
}

function printExplanation({ name, explanation, failures }: PolicyTestOutcome, terminal: Terminal): void {
  terminal.print(name);
  for (const failure of failures) terminal.print(`  ${failure}`);
  if (explanation === undefined) return;
  const { verdict, policies, wouldAllow } = explanation;
  terminal.print(`verdict: ${verdict.kind === "deny" ? `deny (${verdict.code})` : verdict.kind}`);
  if (verdict.determining.length > 0) terminal.print(`because of: ${verdict.determining.join(", ")}`);
  for (const { policyId, message } of verdict.errors) terminal.print(`error in ${policyId}: ${message}`);
  for (const { id, principal, set, effect, outcome, reads } of policies) {
    terminal.print(`  ${set} ${effect} ${id} for ${principal}: ${outcome}`);
    for (const read of reads) terminal.print(`      ${read}`);
  }
  for (const way of wouldAllow) terminal.print(`would allow: ${way}`);
}
