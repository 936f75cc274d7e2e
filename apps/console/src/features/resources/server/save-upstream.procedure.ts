import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { saveUpstreamInputSchema, upstreamReachSchema } from "../schemas.ts";
import { saveUpstream as save } from "./save-upstream.ts";

/** resources.saveUpstream: the hosts of a resource and how connections to them are used. */
export const saveUpstream = can("resources:write")
  .input(saveUpstreamInputSchema)
  .output(upstreamReachSchema)
  .mutation(({ ctx, input }) => answer(save(ctx.deps, ctx.scope, input)));
