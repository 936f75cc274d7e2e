import { accessRouter } from "../features/access/index.ts";
import { approvalsRouter } from "../features/approvals/index.ts";
import { auditRouter } from "../features/audit/index.ts";
import { enforcersRouter } from "../features/enforcers/index.ts";
import { identitiesRouter, me } from "../features/identities/index.ts";
import { liveRouter } from "../features/live/index.ts";
import { overviewRouter } from "../features/overview/index.ts";
import { policiesRouter } from "../features/policies/index.ts";
import { resourcesRouter } from "../features/resources/index.ts";
import { apiTokensRouter, identityConnectionRouter, settingsRouter } from "../features/settings/index.ts";
import { shadowRouter } from "../features/shadow/index.ts";
import { createCallerFactory, router } from "./trpc.ts";

/** Every procedure of the console. */
export const appRouter = router({
  me,
  overview: overviewRouter,
  live: liveRouter,
  approvals: approvalsRouter,
  access: accessRouter,
  resources: resourcesRouter,
  enforcers: enforcersRouter,
  policies: policiesRouter,
  shadow: shadowRouter,
  identities: identitiesRouter,
  audit: auditRouter,
  settings: settingsRouter,
  apiTokens: apiTokensRouter,
  identityConnection: identityConnectionRouter,
});

/** The type that clients are built from. */
export type AppRouter = typeof appRouter;

/** Calls procedures in process, for pages that render on the server. */
export const createCaller = createCallerFactory(appRouter);
