import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import { notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { comparePolicies, outlinePolicies } from "../outline.ts";
import type { diffInputSchema, policyDiffSchema } from "../schemas.ts";

const nothing = { guardrails: "", access: "", obligations: "" };

/** What changed between two versions, policy by policy and as whole texts. */
export async function diffPolicies(
  _deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof diffInputSchema>,
): Answer<z.infer<typeof policyDiffSchema>> {
  const [from, to] = await scope.data.tx((tx) =>
    Promise.all([
      input.from === 0 ? nothing : tx.policyVersion.findFirst({ where: { version: input.from } }),
      tx.policyVersion.findFirst({ where: { version: input.to } }),
    ]),
  );
  if (!from || !to) return err(notFound("policy version"));
  const { added, removed, changed } = comparePolicies(outlinePolicies(from), outlinePolicies(to));
  return ok({
    from: input.from,
    to: input.to,
    sets: {
      guardrails: { before: from.guardrails, after: to.guardrails },
      access: { before: from.access, after: to.access },
      obligations: { before: from.obligations, after: to.obligations },
    },
    policies: [
      ...removed.map(({ id, set, text }) => ({ id, set, change: "removed" as const, before: text, after: null })),
      ...changed.map(({ before, after }) => ({
        id: after.id,
        set: after.set,
        change: "changed" as const,
        before: before.text,
        after: after.text,
      })),
      ...added.map(({ id, set, text }) => ({ id, set, change: "added" as const, before: null, after: text })),
    ],
  });
}
