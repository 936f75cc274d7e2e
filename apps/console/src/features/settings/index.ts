export { apiTokensRouter, identityConnectionRouter, settingsRouter } from "./server/router.ts";
