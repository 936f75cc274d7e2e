import { can, router } from "../../../../server/trpc.ts";
import { answer } from "../../../../server/trpc-errors.ts";
import {
  draftInputSchema,
  draftListSchema,
  draftRowSchema,
  draftSchema,
  importedSchema,
  importInputSchema,
  publishDraftInputSchema,
  publishedDraftSchema,
  saveDraftInputSchema,
  savedDraftSchema,
} from "../../draft-schemas.ts";
import { discardDraft } from "./discard-draft.ts";
import { importPolicies } from "./import-policies.ts";
import { publishDraft } from "./publish-draft.ts";
import { listDrafts, readDraft } from "./read-drafts.ts";
import { saveDraft } from "./save-draft.ts";

/** policies.drafts: what was kept or came from files and is not in force yet. */
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
  save: can("policies:write")
    .input(saveDraftInputSchema)
    .output(savedDraftSchema)
    .mutation(({ ctx, input }) => answer(saveDraft(ctx.deps, ctx.scope, input))),
  discard: can("policies:write")
    .input(draftInputSchema)
    .output(draftRowSchema)
    .mutation(({ ctx, input }) => answer(discardDraft(ctx.deps, ctx.scope, input))),
});
