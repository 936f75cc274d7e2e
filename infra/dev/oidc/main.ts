import { readFileSync } from "node:fs";
import { createOidcServer } from "./provider.ts";
import { oidcSettingsSchema } from "./settings.ts";

// One argument: the path of the settings file.
const settings = oidcSettingsSchema.parse(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));
const server = createOidcServer(settings);
server.listen(settings.port, "127.0.0.1", () => console.log(`oidc.listening ${settings.issuer}`));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
