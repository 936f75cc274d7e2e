import { digestOfFiles, type PolicyFiles, preparePolicies, writePolicyFiles } from "@sluice/bundle/build";
import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../../server/deps.ts";
import { notFound } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import type { exportedSchema, exportInputSchema } from "../../draft-schemas.ts";
import { readWithTests, type StoredPolicies } from "../tests/stored-tests.ts";

/** A version as a folder that belongs in git. */
export async function exportPolicies(
  _deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof exportInputSchema>,
): Answer<z.infer<typeof exportedSchema>> {
  const stored = await scope.data.tx((tx) => readWithTests(tx, input.version));
  if (stored === undefined) return err(notFound("policy version"));
  await preparePolicies(stored.texts);
  const files = filesOf(stored);
  return ok({ version: stored.version, base: digestOfFiles(files), files });
}

/** The folder of a stored state. Throws when it does not parse: such a version should never have been stored. */
export function filesOf({ texts, tests }: Pick<StoredPolicies, "texts" | "tests">): PolicyFiles {
  const files = writePolicyFiles(texts, tests);
  if (!files.ok) throw new Error("a stored policy version does not parse", { cause: files.error });
  return files.value;
}
