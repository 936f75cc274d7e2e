import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { vocabularySchema } from "../question-schemas.ts";
import { readVocabulary } from "./read-vocabulary.ts";

/** policies.vocabulary: what the editor and the question forms can offer. */
export const vocabulary = can("policies:read")
  .output(vocabularySchema)
  .query(({ ctx }) => answer(readVocabulary(ctx.deps, ctx.scope)));
