import { can } from "../../../../server/trpc.ts";
import { answer } from "../../../../server/trpc-errors.ts";
import { flipsRuleSchema, updateRuleInputSchema } from "../../request-schemas.ts";
import { setPublishRule } from "./publish-rule-setting.ts";

/** policies.rule.update: sets that number; a higher one holds a day later. */
export const update = can("settings:write")
  .input(updateRuleInputSchema)
  .output(flipsRuleSchema)
  .mutation(({ ctx, input }) => answer(setPublishRule(ctx.deps, ctx.scope, input)));
