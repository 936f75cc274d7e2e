import { can } from "../../../../server/trpc.ts";
import { answer } from "../../../../server/trpc-errors.ts";
import { flipsRuleSchema } from "../../request-schemas.ts";
import { readPublishRule } from "./publish-rule-setting.ts";

/** policies.rule.get: how many recorded decisions one person alone may flip. */
export const get = can("policies:read")
  .output(flipsRuleSchema)
  .query(({ ctx }) => answer(readPublishRule(ctx.deps, ctx.scope)));
