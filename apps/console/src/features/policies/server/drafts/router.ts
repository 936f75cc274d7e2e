import { can, router } from "../../../../server/trpc.ts";
import { answer } from "../../../../server/trpc-errors.ts";
import {
  draftInputSchema,
  draftListSchema,
  draftSchema,
  importedSchema,
  importInputSchema,
  publishDraftInputSchema,
  publishedDraftSchema,
} from "../../draft-schemas.ts";
import { importPolicies } from "./import-policies.ts";
import { publishDraft } from "./publish-draft.ts";
import { listDrafts, readDraft } from "./read-drafts.ts";

/** policies.drafts: what came from files and is not in force yet. */
export const draftsRouter = router({
  list: can("policies:read")
    .output(draftListSchema)
    .query(({ ctx }) => answer(listDrafts(ctx.deps, ctx.scope))),
  get: can("policies:read")
    .input(draftInputSchema)
    .output(draftSchema)
    .query(({ ctx, input }) => answer(readDraft(ctx.deps, ctx.scope, input))),
  import: can("policies:write")
    .input(importInputSchema)
    .output(importedSchema)
    .mutation(({ ctx, input }) => answer(importPolicies(ctx.deps, ctx.scope, input))),
  publish: can("policies:write")
    .input(publishDraftInputSchema)
    .output(publishedDraftSchema)
    .mutation(({ ctx, input }) => answer(publishDraft(ctx.deps, ctx.scope, input))),
});
