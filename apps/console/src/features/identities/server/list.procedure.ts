import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { identitiesSchema } from "../schemas.ts";
import { listIdentities } from "./list-identities.ts";

/** identities.list: people, groups and agents. */
export const list = can("identities:read")
  .output(identitiesSchema)
  .query(({ ctx }) => answer(listIdentities(ctx.deps, ctx.scope)));
