import { type PolicyTestOutcome, type PolicyTestRun, runPolicyTests, suitesOf } from "@sluice/bundle/build";
import type { PolicyFolder } from "./policy-folder.ts";
import { errorsAmong, printJson, printProblems } from "./print-problems.ts";
import { type ExitCode, refuse, type Terminal } from "./terminal.ts";

/** How `test` works: `cover` is the least share of policies, in percent, that some case must satisfy. */
export interface TestOptions {
  readonly cover: number;
  readonly json: boolean;
}

/** `sluice policy test`: every case with what differs, then which policies no case reached; 1 when a case failed. */
export function test(folder: PolicyFolder, { cover, json }: TestOptions, terminal: Terminal): ExitCode {
  const { path, texts, tests, problems } = folder;
  const errors = errorsAmong(problems);
  const suites = suitesOf(tests);
  if (errors.length === 0 && suites.length === 0) return refuse(`${path} holds no *.policy-tests.json.`, terminal);
  const run = errors.length > 0 ? undefined : runPolicyTests(texts, suites);
  if (run?.ok !== true) {
    if (json) printJson({ ok: false, problems: errors, cases: [] }, terminal);
    else printProblems(path, errors, terminal);
    return 1;
  }
  const { covered, uncovered } = run.value;
  const percent = covered.length === 0 ? 0 : (100 * covered.length) / (covered.length + uncovered.length);
  const ok = run.value.passed && percent >= cover;
  if (json) {
    const cases = run.value.outcomes.map(({ name, suite, passed, failures }) => ({ name, suite, passed, failures }));
    printJson({ ok, cases, coverage: { percent, covered, uncovered } }, terminal);
  } else {
    printRun(run.value, terminal);
    if (percent < cover) terminal.complain(`coverage is below ${cover} %`);
  }
  return ok ? 0 : 1;
}

function printRun({ outcomes, covered, uncovered }: PolicyTestRun, terminal: Terminal): void {
  for (const outcome of outcomes) printOutcome(outcome, terminal);
  const failed = outcomes.filter((outcome) => !outcome.passed).length;
  terminal.print(`${outcomes.length - failed} passed, ${failed} failed`);
  const all = covered.length + uncovered.length;
  terminal.print(`coverage: ${covered.length} of ${all} policies were satisfied by a case`);
  if (uncovered.length > 0) terminal.print(`not covered: ${uncovered.join(", ")}`);
}

function printOutcome({ name, suite, passed, failures, notes = [] }: PolicyTestOutcome, terminal: Terminal): void {
  terminal.print(passed ? `ok     ${name}` : `FAILED ${name} (${suite}.policy-tests.json)`);
  for (const failure of failures) terminal.print(`         ${failure}`);
  for (const note of passed ? [] : notes) terminal.print(`         note: ${note}`);
}
