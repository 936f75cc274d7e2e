import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isPolicyPath, type PolicyFiles, type ReadPolicyFiles, readPolicyFiles } from "@sluice/bundle/build";
import { err, ok, type Result } from "@sluice/kernel";

/** A folder of policies as it stands on disk. */
export interface PolicyFolder extends ReadPolicyFiles {
  readonly path: string;
  readonly files: PolicyFiles;
}

/** How many files a folder may have, and how large one may be, before it is taken for the wrong folder. */
const FILES_MAX = 50_000;
const FILE_BYTES_MAX = 16 * 1_048_576;

/**
 * Reads the policies and tests of a folder, whatever is wrong with them; a folder without any is refused. Links are not
 * followed, so that a checkout never makes the command read elsewhere.
 */
export function readPolicyFolder(path: string): Result<PolicyFolder, string> {
  const files = readFiles(path);
  if (!files.ok) return files;
  if (!Object.keys(files.value).some((file) => file.endsWith(".cedar"))) {
    return err(
      `${path} holds no policies: no guardrails.cedar, access.cedar, obligations.cedar or folders of these names.`,
    );
  }
  return ok({ path, files: files.value, ...readPolicyFiles(files.value) });
}

/** The files of a folder that matter to policies, in it and in its folders. */
export function readFiles(path: string): Result<PolicyFiles, string> {
  const files: [string, string][] = [];
  try {
    if (!statSync(path).isDirectory()) return err(`${path} is not a folder.`);
    for (const file of pathsIn(path)) {
      const about = lstatSync(join(path, file));
      if (!about.isFile()) return err(`${join(path, file)} is not an ordinary file.`);
      if (about.size > FILE_BYTES_MAX) return err(`${join(path, file)} is larger than ${FILE_BYTES_MAX} bytes.`);
      files.push([file, readFileSync(join(path, file), "utf8")]);
      if (files.length > FILES_MAX) return err(`${path} holds more than ${FILES_MAX} files.`);
    }
  } catch (error) {
    if (!existsSync(path)) return err(`There is no folder ${path}.`);
    return err(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return ok(Object.fromEntries(files));
}

function pathsIn(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .flatMap((entry) => {
      if (entry.name.startsWith(".") || entry.name === "node_modules") return [];
      if (!entry.isDirectory()) return [entry.name];
      return readdirSync(join(path, entry.name)).map((name) => `${entry.name}/${name}`);
    })
    .filter((file) => isPolicyPath(file) || file.endsWith(".cedar") || file.endsWith(".policy-tests.json"))
    .toSorted();
}
