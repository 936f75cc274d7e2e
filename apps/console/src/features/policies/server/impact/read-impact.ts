import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../../server/deps.ts";
import { notFound } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import type { Impact, impactInputSchema } from "../../impact-schemas.ts";
import { cancelImpactRow } from "./impact-rows.ts";
import { viewImpact } from "./impact-view.ts";

/** One replay, as far as it is. */
export async function readImpact(
  deps: Deps,
  scope: OrgScope,
  { id }: z.infer<typeof impactInputSchema>,
): Answer<Impact> {
  return scope.data.tx(async (tx) => {
    const row = await tx.policyImpact.findUnique({ where: { id } });
    return row ? ok(await viewImpact(tx, deps, scope, row)) : err(notFound("replay"));
  });
}

/** Stops a replay; one that has ended stays as it is. */
export async function cancelImpact(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof impactInputSchema>,
): Answer<Impact> {
  const known = await readImpact(deps, scope, input);
  if (!known.ok) return known;
  await cancelImpactRow(deps, scope.data, input.id);
  return readImpact(deps, scope, input);
}
