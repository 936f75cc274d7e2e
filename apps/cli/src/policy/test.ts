import { type PolicySuite, runPolicyTests } from "@sluice/bundle/build";
import { printDiagnostics } from "./check.ts";
import type { PolicyFolder } from "./policy-folder.ts";
import type { Terminal } from "./terminal.ts";

/** `sluice policy test`: every case with what differs, then which policies no case reached; 1 when a case failed. */
export function test({ path, texts }: PolicyFolder, suites: readonly PolicySuite[], terminal: Terminal): number {
  const run = runPolicyTests(texts, suites);
  if (!run.ok) {
    printDiagnostics(path, run.error, terminal);
    return 1;
  }
  const { outcomes, covered, uncovered, passed } = run.value;
  for (const { name, passed: good, failures } of outcomes) {
    terminal.print(`${good ? "ok    " : "FAILED"} ${name}`);
    for (const failure of failures) terminal.print(`         ${failure}`);
  }
  const failed = outcomes.filter((outcome) => !outcome.passed).length;
  terminal.print(`${outcomes.length - failed} passed, ${failed} failed`);
  terminal.print(
    `coverage: ${covered.length} of ${covered.length + uncovered.length} policies were satisfied by a case`,
  );
  if (uncovered.length > 0) terminal.print(`not covered: ${uncovered.join(", ")}`);
  return passed ? 0 : 1;
}
