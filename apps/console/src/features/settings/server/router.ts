import { router } from "../../../server/trpc.ts";
import { createApiToken } from "./create-api-token.procedure.ts";
import { get } from "./get.procedure.ts";
import { listApiTokens } from "./list-api-tokens.procedure.ts";
import { revokeApiToken } from "./revoke-api-token.procedure.ts";
import { testConnection } from "./test-connection.procedure.ts";
import { update } from "./update.procedure.ts";
import { updateConnection } from "./update-connection.procedure.ts";

/** What the org has set. */
export const settingsRouter = router({ get, update });
/** One's own bearer tokens. */
export const apiTokensRouter = router({ create: createApiToken, list: listApiTokens, revoke: revokeApiToken });
/** Where the org's people sign in. */
export const identityConnectionRouter = router({ test: testConnection, update: updateConnection });
