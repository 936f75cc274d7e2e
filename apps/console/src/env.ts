import { Secret } from "@sluice/kernel";
import { z } from "zod";
import { type AddressPolicy, addressPolicy } from "./server/outbound/address-policy.ts";

const secret = (bytesMin: number) =>
  z
    .string()
    .min(bytesMin, `at least ${bytesMin} characters`)
    .transform((text) => new Secret(text));
const sealKey = z
  .base64()
  .refine((text) => Buffer.from(text, "base64").length === 32, "32 bytes in base64")
  .transform((text) => new Secret(new Uint8Array(Buffer.from(text, "base64"))));

const logLevel = z.enum(["silent", "error", "warn", "info", "debug", "trace"]).default("info");
const publicUrl = z.url({ protocol: /^https?$/ }).transform((text) => new URL(text));
const hostPort = z
  .string()
  .regex(/^[^\s]+:\d{1,5}$/, "host:port")
  .transform((text) => ({
    host: text.slice(0, text.lastIndexOf(":")),
    port: Number(text.slice(text.lastIndexOf(":") + 1)),
  }))
  .refine(({ port }) => port <= 65_535, "a port up to 65535");

const orgSlug = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/);

const networks = z
  .string()
  .default("")
  .transform((text, context) => {
    const policy = addressPolicy(
      text
        .split(",")
        .map((each) => each.trim())
        .filter((each) => each !== ""),
    );
    if (policy.ok) return policy.value;
    context.addIssue(policy.error.public);
    return z.NEVER;
  });
const flag = z
  .enum(["0", "1"])
  .default("0")
  .transform((text) => text === "1");

const backendFields = {
  DATABASE_URL: secret(1),
  REDIS_URL: secret(1),
  SLUICE_SEAL_KEY: sealKey,
  SLUICE_PUBLIC_URL: publicUrl,
  SLUICE_LOG_LEVEL: logLevel,
  /** networks beside the public internet that identity providers may be in: CIDR, between commas */
  SLUICE_OUTBOUND_ALLOW: networks,
};
const backendSchema = z.object(backendFields);
const provisionSchema = z.object({ ...backendFields, DATABASE_OWNER_URL: secret(1) });
const controlSchema = z.object({
  ...backendFields,
  SLUICE_DEFAULT_ORG: orgSlug,
  SLUICE_CONTROL_LISTEN: hostPort,
  SLUICE_CONTROL_CERT_FILE: z.string().min(1),
  SLUICE_CONTROL_KEY_FILE: z.string().min(1),
});
const webSchema = z.object({
  ...backendFields,
  SLUICE_DEFAULT_ORG: orgSlug,
  NEXTAUTH_SECRET: secret(32),
  /** 1 only behind a proxy that sets X-Forwarded-Host and appends to X-Forwarded-For itself, whatever the client sent */
  SLUICE_TRUST_PROXY: flag,
});

type Source = Readonly<Record<string, string | undefined>>;

/** What every process of the console is configured with. */
export interface BackendEnv {
  readonly databaseUrl: Secret<string>;
  readonly redisUrl: Secret<string>;
  readonly sealKey: Secret<Uint8Array>;
  /** the console's origin; tenants are its sub-domains, the bare host serves the default org */
  readonly publicUrl: URL;
  readonly logLevel: z.output<typeof logLevel>;
  /** what may be reached at addresses that tenants name */
  readonly outbound: AddressPolicy;
}

/** What the web process is configured with. */
export interface WebEnv extends BackendEnv {
  readonly defaultOrg: string;
  readonly authSecret: Secret<string>;
  /** a proxy in front says which host was asked for and by which address; else the request's own Host and socket do */
  readonly trustsProxy: boolean;
}

/** What the control process is configured with. */
export interface ControlEnv extends BackendEnv {
  readonly defaultOrg: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** PEM files of the server's certificate (with its chain) and key */
  readonly certFile: string;
  readonly keyFile: string;
}

/** What provisioning is configured with: the database's owner besides the application's role. */
export interface ProvisionEnv extends BackendEnv {
  readonly databaseOwnerUrl: Secret<string>;
}

/** Reads the worker's configuration; like the others it throws one error that names every variable that is missing or wrong. */
export function readWorkerEnv(source: Source = process.env): BackendEnv {
  return backendOf(parse(backendSchema, source));
}

/** Reads the web process's configuration. */
export function readWebEnv(source: Source = process.env): WebEnv {
  const env = parse(webSchema, source);
  return {
    ...backendOf(env),
    defaultOrg: env.SLUICE_DEFAULT_ORG,
    authSecret: env.NEXTAUTH_SECRET,
    trustsProxy: env.SLUICE_TRUST_PROXY,
  };
}

/** Reads the control process's configuration. */
export function readControlEnv(source: Source = process.env): ControlEnv {
  const env = parse(controlSchema, source);
  const files = { certFile: env.SLUICE_CONTROL_CERT_FILE, keyFile: env.SLUICE_CONTROL_KEY_FILE };
  return { ...backendOf(env), defaultOrg: env.SLUICE_DEFAULT_ORG, listen: env.SLUICE_CONTROL_LISTEN, ...files };
}

/** Reads what provisioning needs. */
export function readProvisionEnv(source: Source = process.env): ProvisionEnv {
  const env = parse(provisionSchema, source);
  return { ...backendOf(env), databaseOwnerUrl: env.DATABASE_OWNER_URL };
}

function parse<S extends z.ZodType>(schema: S, source: Source): z.output<S> {
  const parsed = schema.safeParse(source);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`the environment is not complete: ${wrong.join("; ")}`);
}

function backendOf(env: z.output<typeof backendSchema>): BackendEnv {
  return {
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    sealKey: env.SLUICE_SEAL_KEY,
    publicUrl: env.SLUICE_PUBLIC_URL,
    logLevel: env.SLUICE_LOG_LEVEL,
    outbound: env.SLUICE_OUTBOUND_ALLOW,
  };
}
