import { demoAgents, demoOrg, demoPeople } from "./demo.ts";
import { addressesOf, type StackContext } from "./services.ts";

const day = 86_400;

/** The columns of shop that carry a data class. */
const classifiedColumns = ["email", "phone", "card", "ssn"] as const;

/** What the console is asked to set up, in the form of its provisioning contract. */
export function demoRequest(options: {
  readonly context: StackContext;
  readonly oidcClientId: string;
  readonly enrol: boolean;
}) {
  const { context, oidcClientId, enrol } = options;
  const { settings, shop } = context;
  const column = (name: string) => ({ schema: "public", table: "customers", column: name, class: name });
  return {
    org: { slug: demoOrg.slug, name: demoOrg.name },
    site: demoOrg.site,
    people: demoPeople.map(({ handle, name, email, role, groups }) => ({ handle, name, email, role, groups })),
    agents: demoAgents,
    identityProvider: {
      name: "Acme",
      issuer: addressesOf(settings).issuer,
      clientId: oidcClientId,
      clientSecret: settings.secrets.oidcClient,
    },
    resource: {
      name: "shop",
      kind: "postgres",
      environment: "production",
      listen: { host: "127.0.0.1", port: settings.ports.shop },
      upstream: { host: "localhost", port: shop.port, database: "shop", tls: "verify-full", credentialRef: "SHOP" },
      classes: classifiedColumns.map(column),
    },
    tokenSeconds: day,
    enforcer: { name: "main-1", enrol },
  };
}
