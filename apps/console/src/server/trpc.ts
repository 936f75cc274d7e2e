import { initTRPC, TRPCError } from "@trpc/server";
import type { Permission } from "./auth/permissions.ts";
import { refusedFor } from "./auth/refused-for.ts";
import type { Deps } from "./deps.ts";
import type { Actor, OrgData, OrgRef, OrgScope } from "./scope.ts";
import { isStorable, NOT_STORABLE } from "./storable-input.ts";
import { Refusal } from "./trpc-errors.ts";

/** What is known of a request before the ladder: the tenant of its Host and whoever its session proves. */
export interface RequestContext {
  readonly deps: Deps;
  readonly tenant: { readonly org: OrgRef; readonly data: OrgData } | undefined;
  readonly session: RequestSession | undefined;
}

/** Whoever a checked session proves. */
export interface RequestSession {
  readonly actor: Actor;
  /** Asks the database again, also whether the role and groups are as they were: a stream stays open only as long as this is true. */
  stillLives(): Promise<boolean>;
  /** aborted when this process is told to stop */
  readonly stopping: AbortSignal;
}

const t = initTRPC.context<RequestContext>().create({
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    data: { ...shape.data, refusal: error.cause instanceof Refusal ? error.cause.refusal.code : undefined },
  }),
  sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 40_000 } },
});

/** Makes a table of procedures. */
export const router = t.router;
/** Makes a caller for pages that render on the server. */
export const createCallerFactory = t.createCallerFactory;

/** Anybody. */
export const publicProcedure = t.procedure.use(async ({ getRawInput, next }) => {
  if (!isStorable(await getRawInput())) throw new TRPCError({ code: "BAD_REQUEST", message: NOT_STORABLE });
  return next();
});

/** A member with a live session. */
export const signedIn = publicProcedure.use(({ ctx, next }) => {
  if (!ctx.session) throw new TRPCError({ code: "UNAUTHORIZED", message: "Sign in to go on." });
  return next({ ctx: { ...ctx, session: ctx.session } });
});

/** A member in the org that the request's Host names: the only place that builds a scope. */
export const inOrg = signedIn.use(({ ctx, next }) => {
  if (!ctx.tenant) throw new TRPCError({ code: "NOT_FOUND", message: "There is no such organisation." });
  const scope: OrgScope = { org: ctx.tenant.org, actor: ctx.session.actor, data: ctx.tenant.data };
  return next({ ctx: { ...ctx, scope } });
});

/** A member in the org whose role holds the right. */
export function can(permission: Permission) {
  return inOrg.use(({ ctx, next }) => {
    const refused = refusedFor(ctx.scope, permission);
    if (refused) throw new TRPCError({ code: "FORBIDDEN", message: refused });
    return next({ ctx });
  });
}
