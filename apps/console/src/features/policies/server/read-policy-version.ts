import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import { notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { policyVersionSchema, versionInputSchema } from "../schemas.ts";
import { viewVersion } from "./version-view.ts";

/** One published state. */
export async function readPolicyVersion(
  _deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof versionInputSchema>,
): Answer<z.infer<typeof policyVersionSchema>> {
  const stored = await scope.data.tx((tx) => tx.policyVersion.findFirst({ where: { version: input.version } }));
  return stored ? ok(await viewVersion(scope, stored)) : err(notFound("policy version"));
}
