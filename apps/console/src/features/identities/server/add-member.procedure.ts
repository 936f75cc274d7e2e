import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { addMemberInputSchema, personSchema } from "../schemas.ts";
import { createMember } from "./create-member.ts";

/** identities.addMember: a person who may sign in. */
export const addMember = can("identities:write")
  .input(addMemberInputSchema)
  .output(personSchema)
  .mutation(({ ctx, input }) => answer(createMember(ctx.deps, ctx.scope, input)));
