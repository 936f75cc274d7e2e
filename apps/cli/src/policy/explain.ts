import {
  type NamedSuite,
  type PolicyTestOutcome,
  policySuiteSchema,
  runPolicyTests,
  suitesOf,
} from "@sluice/bundle/build";
import { err, ok, type Result } from "@sluice/kernel";
import type { PolicyFolder } from "./policy-folder.ts";
import { errorsAmong, printJson, printProblems } from "./print-problems.ts";
import { type ExitCode, refuse, type Terminal } from "./terminal.ts";

/** The name of the case that is made of a question. */
const ASKED = "the question";

/** What is to be explained: a case of the tests by (part of) its name, or a question of one's own. */
export interface Question {
  readonly case?: string | undefined;
  readonly principal?: string | undefined;
  readonly "on-behalf-of"?: string | undefined;
  readonly action?: string | undefined;
  readonly resource?: string | undefined;
  /** JSON, laid over a plain exchange */
  readonly context?: string | undefined;
}

/** `sluice policy explain`: the verdict, the policies behind it, the facts they read, the way out. */
export function explain(folder: PolicyFolder, question: Question, json: boolean, terminal: Terminal): ExitCode {
  const errors = errorsAmong(folder.problems);
  if (errors.length > 0) {
    if (json) printJson({ ok: false, problems: errors }, terminal);
    else printProblems(folder.path, errors, terminal);
    return 1;
  }
  const suites = suitesOf(folder.tests);
  const asked = question.case === undefined ? suiteFor(question, suites) : ok(suites);
  if (!asked.ok) return refuse(asked.error, terminal);
  const run = runPolicyTests(folder.texts, asked.value);
  if (!run.ok) return refuse("The policies cannot be loaded.", terminal);
  const { outcomes } = run.value;
  const wanted = question.case ?? ASKED;
  const outcome = outcomes.find(({ name }) => name === wanted) ?? outcomes.find(({ name }) => name.includes(wanted));
  if (outcome === undefined) return refuse(noSuchCase(wanted, outcomes), terminal);
  if (outcome.explanation === undefined) return refuse(outcome.failures.join("; "), terminal);
  if (json) printJson({ ok: true, case: outcome.name, ...printable(outcome.explanation) }, terminal);
  else printExplanation(outcome, outcome.explanation, question.case !== undefined, terminal);
  return 0;
}

function suiteFor(question: Question, suites: readonly NamedSuite[]): Result<NamedSuite[], string> {
  const { principal, action, resource, context = "{}", "on-behalf-of": onBehalfOf } = question;
  if (principal === undefined || action === undefined || resource === undefined) {
    return err(
      "explain needs --case <name>, or --principal 'User::\"ana\"' --action sql.read.select --resource 'Table::\"…\"'",
    );
  }
  const given = parsed(context);
  if (given === undefined) return err(`--context is not JSON: ${context}`);
  const person = onBehalfOf === undefined ? {} : { onBehalfOf };
  const one = {
    name: ASKED,
    principal,
    ...person,
    action,
    resource,
    context: given,
    expect: { verdict: "allow" },
  };
  const suite = policySuiteSchema.safeParse({ cases: [one] });
  if (!suite.success) {
    return err(suite.error.issues.map(({ path, message }) => `--${path.slice(2).join(".")}: ${message}`).join("\n"));
  }
  return ok([{ ...suite.data, entities: suites.flatMap(({ entities }) => entities) }]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: the caller says so
  }
}

function noSuchCase(wanted: string, outcomes: readonly PolicyTestOutcome[]): string {
  const names = outcomes.slice(0, 20).map(({ name }) => `  ${name}`);
  const more = outcomes.length > 20 ? [`  and ${outcomes.length - 20} more`] : [];
  return [`No case is called "${wanted}". There are:`, ...names, ...more].join("\n");
}

type Explained = NonNullable<PolicyTestOutcome["explanation"]>;

function printable({ verdict, policies, wouldAllow, leftOut }: Explained): object {
  if (verdict.kind === "deny") return { verdict, policies, wouldAllow, leftOut };
  const obligations = { ...verdict.obligations, masks: Object.fromEntries(verdict.obligations.masks) };
  return { verdict: { ...verdict, obligations }, policies, wouldAllow, leftOut };
}

function printExplanation(
  { name, failures, notes = [] }: PolicyTestOutcome,
  { verdict, policies, wouldAllow, leftOut }: Explained,
  isCase: boolean,
  terminal: Terminal,
): void {
  if (isCase) terminal.print(name);
  for (const failure of isCase ? failures : []) terminal.print(`  ${failure}`);
  const detail =
    verdict.kind === "deny" ? ` (${verdict.code})` : verdict.kind === "ask" ? ` (${verdict.workflows.join(", ")})` : "";
  terminal.print(`verdict: ${verdict.kind}${detail}`);
  if (verdict.determining.length > 0) terminal.print(`because of: ${verdict.determining.join(", ")}`);
  for (const { policyId, message } of verdict.errors) terminal.print(`error in ${policyId}: ${message}`);
  for (const { id, principal, set, effect, outcome, reads } of policies) {
    terminal.print(`  ${set} ${effect} ${id} for ${principal}: ${outcome}`);
    for (const read of reads) terminal.print(`      ${read}`);
  }
  for (const note of notes) terminal.print(`note: ${note}`);
  for (const way of wouldAllow) terminal.print(`would allow: ${way}`);
  for (const rest of leftOut ?? []) terminal.print(`left out: ${rest}`);
}
