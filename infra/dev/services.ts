import { join } from "node:path";
import { certificateFingerprint, type DevCa, type ServerCertificate } from "./certificates.ts";
import type { ControlDatabase } from "./control-database.ts";
import { demoOrg, demoPeople } from "./demo.ts";
import { digestOf } from "./digest.ts";
import type { OidcSettings } from "./oidc/settings.ts";
import type { PostgresServer } from "./postgres.ts";
import { pageAnswers, portAnswers, type Service } from "./service.ts";
import type { UpSettings } from "./settings.ts";
import { shopLogins } from "./shop.ts";

/** Everything that our processes are configured from. */
export interface StackContext extends ControlDatabase {
  readonly root: string;
  readonly stateDir: string;
  readonly settings: UpSettings;
  readonly ca: DevCa;
  readonly redisUrl: string;
  /** the demo upstream */
  readonly shop: PostgresServer;
  /** for the control plane's and the enforcer's listeners */
  readonly certificates: { readonly control: ServerCertificate; readonly listener: ServerCertificate };
}

/** The client that the console is at the identity provider. */
export const oidcClientId = "sluice-console";

/** The addresses at which the stack is reached. */
export function addressesOf({ ports }: UpSettings) {
  return {
    console: `http://localhost:${ports.web}`,
    /** the same org by its own host name */
    tenant: `http://${demoOrg.slug}.localhost:${ports.web}`,
    control: `https://localhost:${ports.control}`,
    issuer: `http://localhost:${ports.oidc}`,
  };
}

/** The identity provider's settings file. */
export function oidcSettings({ settings }: StackContext): OidcSettings {
  const { console: consoleUrl, tenant: tenantUrl, issuer } = addressesOf(settings);
  return {
    issuer,
    port: settings.ports.oidc,
    ...settings.oidcKeys,
    client: {
      id: oidcClientId,
      secret: settings.secrets.oidcClient,
      redirectUris: [consoleUrl, tenantUrl].map((origin) => `${origin}/api/auth/callback/oidc`),
      logoutUris: [consoleUrl, tenantUrl],
    },
    people: demoPeople.map((person) => ({
      ...person,
      groups: [...person.groups],
      password: settings.passwords[person.handle] ?? "",
    })),
  };
}

/** What web, control, worker and provisioning share. */
export function consoleEnv(context: StackContext): Record<string, string> {
  const { settings, redisUrl, appUrl } = context;
  return {
    ...baseEnv(),
    DATABASE_URL: appUrl,
    REDIS_URL: redisUrl,
    SLUICE_SEAL_KEY: settings.secrets.seal,
    SLUICE_PUBLIC_URL: addressesOf(settings).console,
    SLUICE_DEFAULT_ORG: demoOrg.slug,
    NEXTAUTH_SECRET: settings.secrets.auth,
    AUTH_TRUST_HOST: "1",
    // the demonstration's identity provider is on this machine
    SLUICE_OUTBOUND_ALLOW: "127.0.0.0/8,::1/128",
  };
}

/** The processes, in the order in which they start. */
export function describeServices(
  context: StackContext,
): Record<"oidc" | "control" | "worker" | "web" | "enforcer", Service> {
  const { root, stateDir, settings, certificates } = context;
  const { ports } = settings;
  const node = process.execPath;
  const consoleDir = join(root, "apps/console");
  const code = digestOf(root, ["apps/console/src", "packages", "package-lock.json"]);
  const shared = consoleEnv(context);
  return {
    oidc: {
      name: "oidc",
      command: node,
      args: [join(root, "infra/dev/oidc/main.ts"), join(stateDir, "oidc.json")],
      cwd: root,
      env: baseEnv(),
      codeDigest: `${digestOf(root, ["infra/dev/oidc"])} ${JSON.stringify(oidcSettings(context))}`,
      port: ports.oidc,
      ready: () => pageAnswers(`${addressesOf(settings).issuer}/.well-known/openid-configuration`),
    },
    control: {
      name: "control",
      command: node,
      args: [join(consoleDir, "src/server/control/main.ts")],
      cwd: consoleDir,
      env: {
        ...shared,
        SLUICE_CONTROL_LISTEN: `127.0.0.1:${ports.control}`,
        SLUICE_CONTROL_CERT_FILE: certificates.control.certFile,
        SLUICE_CONTROL_KEY_FILE: certificates.control.keyFile,
      },
      codeDigest: `${code} ${certificateFingerprint(certificates.control)}`,
      port: ports.control,
      ready: () => portAnswers(ports.control),
    },
    worker: {
      name: "worker",
      command: node,
      args: [join(consoleDir, "src/worker/main.ts")],
      cwd: consoleDir,
      env: shared,
      codeDigest: code,
      ready: async () => undefined,
    },
    web: {
      name: "web",
      command: node,
      args: [join(root, "node_modules/next/dist/bin/next"), "start", "-p", `${ports.web}`, "-H", "127.0.0.1"],
      cwd: consoleDir,
      env: { ...shared, PORT: `${ports.web}`, HOSTNAME: "127.0.0.1", NEXT_TELEMETRY_DISABLED: "1" },
      codeDigest: code,
      port: ports.web,
      ready: () => pageAnswers(`${addressesOf(settings).console}/api/health`),
    },
    enforcer: describeEnforcer(context),
  };
}

function describeEnforcer({ root, stateDir, settings, certificates, ca }: StackContext): Service {
  const { enforcer: login } = shopLogins(settings.secrets.databases);
  return {
    name: "enforcer",
    command: process.execPath,
    args: [join(root, "apps/enforcer/src/start.ts")],
    cwd: join(root, "apps/enforcer"),
    env: {
      ...baseEnv(),
      SLUICE_CONTROL_ADDRESS: `localhost:${settings.ports.control}`,
      SLUICE_CONTROL_CA_FILE: ca.caFile,
      SLUICE_STATE_DIR: join(stateDir, "enforcer"),
      SLUICE_LISTENER_CERT_FILE: certificates.listener.certFile,
      SLUICE_LISTENER_KEY_FILE: certificates.listener.keyFile,
      SLUICE_UPSTREAM_SHOP_USER: login.user,
      SLUICE_UPSTREAM_SHOP_PASSWORD: login.password,
      SLUICE_UPSTREAM_SHOP_CA_FILE: ca.caFile,
    },
    codeDigest: `${digestOf(root, ["apps/enforcer/src", "packages", "package-lock.json"])} ${certificateFingerprint(certificates.listener)}`,
    port: settings.ports.shop,
    ready: () => portAnswers(settings.ports.shop),
  };
}

/** Nothing of the caller's environment but what programs need to run at all. */
function baseEnv(): Record<string, string> {
  const kept = ["PATH", "HOME", "LANG", "TMPDIR", "SLUICE_LOG_LEVEL"].map((name) => [name, process.env[name]] as const);
  const present = kept.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(present), NODE_ENV: "production" };
}
