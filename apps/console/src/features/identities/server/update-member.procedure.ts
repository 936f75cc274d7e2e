import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { personSchema, updateMemberInputSchema } from "../schemas.ts";
import { changeMember } from "./change-member.ts";

/** identities.updateMember: role and groups. */
export const updateMember = can("identities:write")
  .input(updateMemberInputSchema)
  .output(personSchema)
  .mutation(({ ctx, input }) => answer(changeMember(ctx.deps, ctx.scope, input)));
