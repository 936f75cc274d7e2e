import type { SetName } from "@sluice/policy-engine";
import { checkPolicies, type PolicyCheck, type PolicyTexts, policySets } from "./check-policies.ts";
import type { PolicyDiagnostic } from "./diagnostic.ts";
import { fileNameOf, POLICY_ENDING, policyFile, SUITE_ENDING } from "./file-names.ts";
import type { PlacedProblem } from "./placed-problem.ts";
import type { PolicyFiles } from "./policy-files.ts";
import type { PolicyTests } from "./policy-tests.ts";
import { splitPolicies } from "./split-policies.ts";
import { isTestPath, readTestFiles } from "./test-files.ts";

/** A folder of policies, read and checked. */
export interface ReadPolicyFiles {
  readonly texts: PolicyTexts;
  readonly tests: PolicyTests;
  readonly check: PolicyCheck;
  /** everything that is wrong, each with its file, line and column; by file and line */
  readonly problems: readonly PlacedProblem[];
}

interface Part {
  readonly file: string;
  readonly text: string;
  /** where it begins in its set's text: offset, and lines before it */
  readonly offset: number;
  readonly linesBefore: number;
}

/**
 * Reads a folder of policies: `guardrails/`, `access/`, `obligations/` with a file per policy, or one `guardrails.cedar` and
 * so on; tests in files that end in `.policy-tests.json`, entities that all of them share in `entities.json`. Policies are
 * in the order of `like` where it has them, the others after them by name. Never throws: what is wrong is in `problems`.
 */
export function readPolicyFiles(files: PolicyFiles, like?: PolicyTexts): ReadPolicyFiles {
  const parts = {
    guardrails: partsOf("guardrails", files, like),
    access: partsOf("access", files, like),
    obligations: partsOf("obligations", files, like),
  };
  const texts = {
    guardrails: joined(parts.guardrails),
    access: joined(parts.access),
    obligations: joined(parts.obligations),
  };
  const check = checkPolicies(texts);
  const problems: PlacedProblem[] = check.diagnostics.map((found) => {
    const part = parts[found.set].findLast(({ linesBefore }) => linesBefore < found.start.line);
    return placed(found, part?.file ?? `${found.set}${POLICY_ENDING}`, part?.linesBefore ?? 0);
  });
  problems.push(...unfinished(files));
  const { tests, problems: ofTests } = readTestFiles(files);
  problems.push(...ofTests, ...misnamed(parts, check), ...strangers(files));
  const ordered = problems.toSorted((left, right) =>
    left.file === right.file ? left.line - right.line : left.file < right.file ? -1 : 1,
  );
  return { texts, tests, check, problems: ordered };
}

function placed(found: PolicyDiagnostic, file: string, linesBefore: number): PlacedProblem {
  const { start, severity, code, message, suggestion } = found;
  return { file, line: start.line - linesBefore, column: start.column, severity, code, message, suggestion };
}

/** A text whose last policy does not end would swallow the file after it: it is judged alone and left out. */
function isFinished(text: string): boolean {
  return splitPolicies(text).at(-1)?.text.endsWith(";") !== false;
}

function unfinished(files: PolicyFiles): PlacedProblem[] {
  const nothing: PolicyTexts = { guardrails: "", access: "", obligations: "" };
  return Object.entries(files).flatMap(([file, text]) => {
    const set = policySets.find((name) => isOfSet(file, name));
    if (set === undefined || isFinished(text) || pathsOf(set, files).length === 1) return [];
    return checkPolicies({ ...nothing, [set]: unixLines(text) }).diagnostics.map((found) => placed(found, file, 0));
  });
}

function unixLines(text: string): string {
  return `${text.replaceAll("\r\n", "\n").trimEnd()}\n`;
}

/** Whether a path is one that a policy folder has. */
export function isPolicyPath(path: string): boolean {
  return isTestPath(path) || policySets.some((set) => isOfSet(path, set));
}

function isOfSet(path: string, set: SetName): boolean {
  return (
    path === `${set}${POLICY_ENDING}` || new RegExp(`^${set}/[A-Za-z0-9][^/\\\\\\s]*\\${POLICY_ENDING}$`).test(path)
  );
}

function pathsOf(set: SetName, files: PolicyFiles): string[] {
  return Object.keys(files).filter((path) => isOfSet(path, set));
}

function partsOf(set: SetName, files: PolicyFiles, like: PolicyTexts | undefined): Part[] {
  const order = new Map<string, number>();
  if (like !== undefined) {
    for (const { id, set: of } of checkPolicies(like).policies)
      if (of === set) order.set(policyFile(set, id), order.size);
  }
  const rank = (path: string) => order.get(path) ?? Number.MAX_SAFE_INTEGER;
  const all = pathsOf(set, files);
  const paths = all
    .filter((path) => all.length === 1 || isFinished(files[path] ?? ""))
    .toSorted((left, right) => rank(left) - rank(right) || (left < right ? -1 : 1));
  const parts: Part[] = [];
  let offset = 0;
  let linesBefore = 0;
  for (const file of paths) {
    const text = unixLines(files[file] ?? "");
    parts.push({ file, text, offset, linesBefore });
    offset += text.length + 1;
    linesBefore += text.split("\n").length;
  }
  return parts;
}

function joined(parts: readonly Part[]): string {
  const text = parts.map((part) => part.text).join("\n");
  return text.trim() === "" ? "" : text;
}

/** A file in a set's folder holds exactly one policy and is called like it, so that a diff in git is a diff of policies. */
function misnamed(parts: Readonly<Record<SetName, readonly Part[]>>, { policies }: PolicyCheck): PlacedProblem[] {
  return policySets.flatMap((set) =>
    parts[set].flatMap(({ file, text, offset }): PlacedProblem[] => {
      if (!file.includes("/")) return [];
      const at = { file, line: 1, column: 1, severity: "error" as const, code: "misnamed_file" };
      const { length } = splitPolicies(text);
      if (length !== 1) {
        const message = `This file holds ${length} policies; a file in ${set}/ holds one.`;
        return [{ ...at, message, suggestion: "Give each policy a file of its own." }];
      }
      const policy = policies.find(
        (found) => found.set === set && found.from >= offset && found.from < offset + text.length,
      );
      if (policy === undefined || policyFile(set, policy.id) === file) return [];
      const message = `The policy "${policy.id}" is in a file of another name.`;
      return [{ ...at, message, suggestion: `Call the file ${fileNameOf(policy.id)}${POLICY_ENDING}.` }];
    }),
  );
}

/** Files that look like policies or tests and are in no place where they would be read: silence would lose them. */
function strangers(files: PolicyFiles): PlacedProblem[] {
  return Object.keys(files)
    .filter((path) => (path.endsWith(POLICY_ENDING) || path.endsWith(SUITE_ENDING)) && !isPolicyPath(path))
    .map((file) => ({
      file,
      line: 1,
      column: 1,
      severity: "error",
      code: "misplaced_file",
      message: "Nothing reads this file: policies stand in guardrails/, access/ or obligations/, tests there or above.",
      suggestion: "Move it, or give it another ending.",
    }));
}
