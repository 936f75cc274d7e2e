import { existsSync, statSync } from "node:fs";
import { digestOfFiles, writePolicyFiles } from "@sluice/bundle/build";
import { err, ok, type Result } from "@sluice/kernel";
import { type ImportedPolicies, importPolicies } from "../console/policy-routes.ts";
import type { ConsoleAccess } from "../env.ts";
import { printChanges } from "./diff.ts";
import { readBase } from "./manifest.ts";
import { type PolicyFolder, readPolicyFolder } from "./policy-folder.ts";
import { errorsAmong, printJson, printProblems } from "./print-problems.ts";
import { type ExitCode, refuse, type Terminal } from "./terminal.ts";

/** How `import` works. */
export interface ImportOptions {
  readonly dryRun: boolean;
  readonly note: string;
  /** a folder with what was published when the edits began; undefined takes what the export noted */
  readonly base: string | undefined;
  readonly json: boolean;
}

/**
 * `sluice policy import`: shows what a folder changes in the published set and, without --dry-run, keeps it as a draft with its
 * author. Nothing is enforced by that: publishing is an act of its own. Refused when the folder has errors, and when the
 * published set moved since the folder was exported.
 */
export async function importFrom(
  folder: PolicyFolder,
  access: ConsoleAccess,
  { dryRun, note, base, json }: ImportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (errorsAmong(folder.problems).length > 0) {
    if (json) printJson({ ok: false, problems: folder.problems }, terminal);
    else printProblems(folder.path, folder.problems, terminal);
    return 1;
  }
  const from = baseOf(folder, base);
  if (!from.ok) return refuse(from.error, terminal);
  const input = { files: folder.files, base: from.value, note };
  const shown = await importPolicies(access, { ...input, dryRun: true });
  if (!shown.ok) return refused(shown.error, terminal);
  if (!json) printImport(shown.value, terminal);
  if (dryRun || !shown.value.differs) {
    if (json) printJson({ ok: true, ...shown.value }, terminal);
    return 0;
  }
  const made = await importPolicies(access, { ...input, dryRun: false });
  if (!made.ok) return refused(made.error, terminal);
  if (json) printJson({ ok: true, ...made.value }, terminal);
  else
    terminal.print(
      `draft ${made.value.draft} is kept; \`sluice policy publish ${made.value.draft}\` puts it into force`,
    );
  return 0;
}

/** Ends as the console refused: 1 when the policies are at fault, 2 when nothing was decided. */
export function refused({ kind, text }: { kind: "refused" | "failed"; text: string }, terminal: Terminal): ExitCode {
  terminal.complain(text);
  return kind === "refused" ? 1 : 2;
}

function baseOf({ path }: PolicyFolder, wanted: string | undefined): Result<string, string> {
  if (wanted === undefined) {
    const noted = readBase(path);
    const how = `Export into it first, or name a folder with what was published then: --base <folder>.`;
    return noted === undefined ? err(`${path} does not say what it was exported from. ${how}`) : ok(noted);
  }
  if (!existsSync(wanted) || !statSync(wanted).isDirectory()) return err(`--base ${wanted} is not a folder.`);
  const before = readPolicyFolder(wanted);
  if (!before.ok) return before;
  const written = writePolicyFiles(before.value.texts, before.value.tests);
  return written.ok ? ok(digestOfFiles(written.value)) : err(`The policies in ${wanted} do not parse.`);
}

function printImport({ changes, testsChanged, differs, baseVersion }: ImportedPolicies, terminal: Terminal): void {
  terminal.print(`against version ${baseVersion}:`);
  printChanges(
    changes.map(({ before, after, ...rest }) => ({
      ...rest,
      ...(before === null ? {} : { before }),
      ...(after === null ? {} : { after }),
    })),
    terminal,
  );
  if (testsChanged) terminal.print("tests differ");
  else if (differs && changes.length === 0) terminal.print("comments differ");
}
