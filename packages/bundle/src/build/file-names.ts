import type { SetName } from "@sluice/policy-engine";

/** How a policy's file ends. */
export const POLICY_ENDING = ".cedar";
/** How a file of cases ends. */
export const SUITE_ENDING = ".policy-tests.json";
/** The file of the entities that all suites share. */
export const ENTITIES_FILE = "entities.json";

/** Where a policy stands in a folder: its `@id` with what file systems and URLs do not take as `%XX`. */
export function policyFile(set: SetName, id: string): string {
  return `${set}/${fileNameOf(id)}${POLICY_ENDING}`;
}

/** An `@id` as the name of a file, without ending. */
export function fileNameOf(id: string): string {
  return encodeURIComponent(id);
}
