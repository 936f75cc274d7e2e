import { err } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import { notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { publishedSchema, rollbackInputSchema } from "../schemas.ts";
import { storeVersion } from "./store-version.ts";

/** Publishes an old version's content as a new, higher version: history is only ever added to. */
export async function rollBackPolicies(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof rollbackInputSchema>,
): Answer<z.infer<typeof publishedSchema>> {
  const old = await scope.data.tx((tx) => tx.policyVersion.findFirst({ where: { version: input.version } }));
  if (!old) return err(notFound("policy version"));
  const texts = { guardrails: old.guardrails, access: old.access, obligations: old.obligations };
  const note = input.note === "" ? `Back to version ${old.version}` : input.note;
  return storeVersion(deps, scope, { texts, note, baseVersion: undefined, action: "policy.rollback" });
}
