import {
  diffPolicies,
  digestOfFiles,
  formatPolicies,
  isPolicyPath,
  type PlacedProblem,
  type PolicyTests,
  type PolicyTexts,
  preparePolicies,
  readPolicyFiles,
} from "@sluice/bundle/build";
import { err, ok, type Result, type TaggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../../server/deps.ts";
import { conflict, invalid } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import type { importedSchema, importInputSchema } from "../../draft-schemas.ts";
import { readWithTests, refusedSize, type StoredPolicies } from "../tests/stored-tests.ts";
import { filesOf } from "./export-policies.ts";
import { keepDraft } from "./keep-draft.ts";

type Imported = z.infer<typeof importedSchema>;

/** Problems that a refusal lists before it only counts. */
const PROBLEMS_SHOWN = 20;

/**
 * Compares a folder with the version in force and keeps it as a draft with its author, unless it is a dry run or nothing
 * differs. Refuses a folder with errors, naming file, line and column, and one that was exported from another state than
 * the one in force: an edit that its author has not seen must not be lost.
 */
export async function importPolicies(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof importInputSchema>,
): Answer<Imported> {
  const current = await scope.data.tx((tx) => readWithTests(tx));
  if (current === undefined) throw new Error("the newest state is never missing");
  await prepareFiles(current.texts, input.files);
  const read = readFolder(input.files, current.texts);
  if (!read.ok) return read;
  const present = filesOf(current);
  const wanted = filesOf(read.value);
  const differs = digestOfFiles(wanted) !== digestOfFiles(present);
  if (differs && input.base !== digestOfFiles(present)) return err(moved(current.version));
  const answer = compared(current, read.value, differs);
  if (input.dryRun || !differs) return ok(answer);
  const draft = await keepDraft(deps, scope, {
    ...read.value,
    baseVersion: current.version,
    note: input.note,
    action: "policy.import",
    changes: changedIds(answer),
  });
  return draft.ok ? ok({ ...answer, draft: draft.value }) : draft;
}

/** A policy is checked by itself, whatever file or set it stands in. */
async function prepareFiles(current: PolicyTexts, files: Readonly<Record<string, string>>): Promise<void> {
  const policies = Object.entries(files).flatMap(([path, text]) => (path.endsWith(".cedar") ? [text] : []));
  await preparePolicies(current);
  await preparePolicies({ guardrails: policies.join("\n"), access: "", obligations: "" });
}

interface ReadFolder {
  readonly texts: PolicyTexts;
  readonly tests: PolicyTests;
  readonly warnings: readonly string[];
}

function readFolder(files: Readonly<Record<string, string>>, like: PolicyTexts): Result<ReadFolder, TaggedError> {
  const stranger = Object.keys(files).find((path) => !isPolicyPath(path));
  if (stranger !== undefined) return err(invalid(`${stranger} has no place in a folder of policies.`));
  const { problems, texts, tests } = readPolicyFiles(files, like);
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    const more = errors.length > PROBLEMS_SHOWN ? [`And ${errors.length - PROBLEMS_SHOWN} more.`] : [];
    return err(invalid([...errors.slice(0, PROBLEMS_SHOWN).map(lineOf), ...more].join("\n")));
  }
  const tooMany = refusedSize(tests);
  if (tooMany) return err(tooMany);
  const canonical = (text: string) => {
    const formatted = formatPolicies(text);
    return formatted.ok ? formatted.value : text;
  };
  const { guardrails, access, obligations } = texts;
  const canonicalTexts = {
    guardrails: canonical(guardrails),
    access: canonical(access),
    obligations: canonical(obligations),
  };
  return ok({ texts: canonicalTexts, tests, warnings: problems.map(lineOf) });
}

function lineOf({ file, line, column, message, suggestion }: PlacedProblem): string {
  return `${file}:${line}:${column}: ${message}${suggestion === undefined ? "" : ` ${suggestion}`}`;
}

function moved(version: number): TaggedError {
  const how = "Export again and merge, so that nobody's edit is lost.";
  return conflict(`Version ${version} is in force, and the folder was made from another state. ${how}`);
}

function compared(current: StoredPolicies, wanted: ReadFolder, differs: boolean): Imported {
  return {
    draft: null,
    baseVersion: current.version,
    differs,
    changes: diffPolicies(current.texts, wanted.texts).map(({ before = null, after = null, ...rest }) => ({
      ...rest,
      before,
      after,
    })),
    testsChanged: JSON.stringify(current.tests) !== JSON.stringify(wanted.tests),
    warnings: [...wanted.warnings],
  };
}

function changedIds({ changes, testsChanged }: Imported): object {
  const ids = (kind: Imported["changes"][number]["kind"]) =>
    changes.filter((change) => change.kind === kind).map(({ id }) => id);
  return { added: ids("added"), removed: ids("removed"), changed: ids("changed"), moved: ids("moved"), testsChanged };
}
