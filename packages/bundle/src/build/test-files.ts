import { ENTITIES_FILE, SUITE_ENDING } from "./file-names.ts";
import { placeInJson } from "./place-in-json.ts";
import type { PlacedProblem } from "./placed-problem.ts";
import type { PolicyFiles } from "./policy-files.ts";
import { entitiesText, type PolicyTests, readEntities, readSuite, suiteNameSchema, suiteText } from "./policy-tests.ts";
import { type Place, placeFinder } from "./positions.ts";

/** Whether a path below a folder of policies is one where tests stand. */
export function isTestPath(path: string): boolean {
  if (path === ENTITIES_FILE) return true;
  return path.endsWith(SUITE_ENDING) && suiteNameSchema.safeParse(path.slice(0, -SUITE_ENDING.length)).success;
}

/** Tests as the files of a folder of policies, in the order of their paths. The same tests give the same bytes. */
export function writeTestFiles({ entities, suites }: PolicyTests): PolicyFiles {
  const files: [path: string, content: string][] = [];
  if (entities.length > 0) files.push([ENTITIES_FILE, entitiesText(entities)]);
  for (const [name, suite] of Object.entries(suites)) files.push([suiteFile(name), suiteText(suite)]);
  return Object.fromEntries(files.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** The file of a suite. */
export function suiteFile(name: string): string {
  return `${name}${SUITE_ENDING}`;
}

/** Reads the tests among the files of a folder. Never throws: a file with problems is left out, and they are told. */
export function readTestFiles(files: PolicyFiles): {
  readonly tests: PolicyTests;
  readonly problems: readonly PlacedProblem[];
} {
  const problems: PlacedProblem[] = [];
  const suites: [string, PolicyTests["suites"][string]][] = [];
  let entities: PolicyTests["entities"] = [];
  for (const [path, text] of Object.entries(files)) {
    if (!isTestPath(path)) continue;
    if (path === ENTITIES_FILE) {
      const read = readEntities(path, text);
      if (read.ok) entities = read.value;
      else problems.push(...read.error);
    } else {
      const read = readSuite(path, text);
      if (read.ok) suites.push([path.slice(0, -SUITE_ENDING.length), read.value]);
      else problems.push(...read.error);
    }
  }
  const ordered = suites.toSorted(([left], [right]) => (left < right ? -1 : 1));
  return { tests: { entities, suites: Object.fromEntries(ordered) }, problems };
}

/** Where the case of this index (from 0) stands in its suite's text. */
export function placeOfCase(text: string, index: number): Place {
  return placeFinder(text)(placeInJson(text, ["cases", index, "name"]));
}
