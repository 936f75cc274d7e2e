import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { digestOfFiles, isPolicyPath, type PolicyFiles } from "@sluice/bundle/build";
import { exportPolicies } from "../console/policy-routes.ts";
import type { ConsoleAccess } from "../env.ts";
import { readBase, writeBase } from "./manifest.ts";
import { readFiles } from "./policy-folder.ts";
import { printJson } from "./print-problems.ts";
import { type ExitCode, refuse, type Terminal } from "./terminal.ts";

/** How `export` works. */
export interface ExportOptions {
  /** an older version instead of the one in force */
  readonly version: number | undefined;
  /** overwrite edits that were never exported from the console */
  readonly force: boolean;
  readonly json: boolean;
}

/**
 * `sluice policy export`: writes the published set into a folder, one file per policy, and takes away files of policies that
 * are no more. Refuses to overwrite edits that the console does not have.
 */
export async function exportTo(
  path: string,
  access: ConsoleAccess,
  { version, force, json }: ExportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await exportPolicies(access, version);
  if (!answer.ok) return refuse(answer.error.text, terminal);
  const { files, base } = answer.value;
  const stranger = Object.keys(files).find((file) => !isPolicyPath(file));
  if (stranger !== undefined)
    return refuse(`The console named a file that no policy folder has: ${stranger}`, terminal);
  const twin = sameIgnoringCase(Object.keys(files));
  if (twin !== undefined)
    return refuse(`${twin} differ only in upper and lower case: file systems take them for one.`, terminal);
  const present = existsSync(path) ? readFiles(path) : { ok: true as const, value: {} };
  if (!present.ok) return refuse(present.error, terminal);
  if (!force && isEdited(path, present.value, files)) {
    const how = "Import them first, or overwrite them with --force.";
    return refuse(`${path} has edits that were not exported from the console. ${how}`, terminal);
  }
  const removed = writeFiles(path, present.value, files);
  writeBase(path, base);
  if (json) printJson({ version: answer.value.version, files: Object.keys(files), removed }, terminal);
  else {
    for (const file of removed) terminal.print(`${join(path, file)} removed`);
    terminal.print(`${Object.keys(files).length} files of version ${answer.value.version} in ${path}`);
  }
  return 0;
}

function isEdited(path: string, present: PolicyFiles, wanted: PolicyFiles): boolean {
  if (Object.keys(present).length === 0 || digestOfFiles(present) === digestOfFiles(wanted)) return false;
  return readBase(path) !== digestOfFiles(present);
}

function writeFiles(path: string, present: PolicyFiles, wanted: PolicyFiles): string[] {
  mkdirSync(path, { recursive: true });
  const removed = Object.keys(present).filter((file) => wanted[file] === undefined);
  for (const file of removed) rmSync(join(path, file));
  for (const [file, text] of Object.entries(wanted)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    if (present[file] !== text) writeFileSync(join(path, file), text);
  }
  return removed;
}

function sameIgnoringCase(files: readonly string[]): string | undefined {
  const seen = new Map<string, string>();
  for (const file of files) {
    const twin = seen.get(file.toLowerCase());
    if (twin !== undefined) return `${twin} and ${file}`;
    seen.set(file.toLowerCase(), file);
  }
  return undefined;
}
