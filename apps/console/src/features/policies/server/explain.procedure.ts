import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { explainInputSchema, explanationSchema } from "../question-schemas.ts";
import { explainDecision } from "./explain-decision.ts";

/** policies.explain: one question to the engine, answered for people. */
export const explain = can("policies:read")
  .input(explainInputSchema)
  .output(explanationSchema)
  .query(({ ctx, input }) => answer(explainDecision(ctx.deps, ctx.scope, input)));
