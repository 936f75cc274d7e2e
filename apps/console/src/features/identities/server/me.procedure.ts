import { inOrg } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { meSchema } from "../schemas.ts";
import { readMe } from "./read-me.ts";

/** me: who is signed in and what they can do. */
export const me = inOrg.output(meSchema).query(({ ctx }) => answer(readMe(ctx.deps, ctx.scope)));
