import { Secret } from "@sluice/kernel";
import { z } from "zod";

const secret = (bytesMin: number) =>
  z
    .string()
    .min(bytesMin, `at least ${bytesMin} characters`)
    .transform((text) => new Secret(text));
const sealKey = z
  .base64()
  .refine((text) => Buffer.from(text, "base64").length === 32, "32 bytes in base64")
  .transform((text) => new Secret(new Uint8Array(Buffer.from(text, "base64"))));

const webSchema = z.object({
  DATABASE_URL: secret(1),
  REDIS_URL: secret(1),
  SLUICE_SEAL_KEY: sealKey,
  SLUICE_PUBLIC_URL: z.url({ protocol: /^https?$/ }).transform((text) => new URL(text)),
  SLUICE_DEFAULT_ORG: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/),
  NEXTAUTH_SECRET: secret(32),
  SLUICE_LOG_LEVEL: z.enum(["silent", "error", "warn", "info", "debug", "trace"]).default("info"),
});

/** What the web process is configured with. */
export interface WebEnv {
  readonly databaseUrl: Secret<string>;
  readonly redisUrl: Secret<string>;
  readonly sealKey: Secret<Uint8Array>;
  /** the console's origin; tenants are its sub-domains, the bare host serves `defaultOrg` */
  readonly publicUrl: URL;
  readonly defaultOrg: string;
  readonly authSecret: Secret<string>;
  readonly logLevel: "silent" | "error" | "warn" | "info" | "debug" | "trace";
}

/** Reads the web process's configuration; throws one error that names every variable that is missing or wrong. */
export function readWebEnv(source: Readonly<Record<string, string | undefined>> = process.env): WebEnv {
  const parsed = webSchema.safeParse(source);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`the environment is not complete: ${wrong.join("; ")}`);
  }
  const env = parsed.data;
  return {
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    sealKey: env.SLUICE_SEAL_KEY,
    publicUrl: env.SLUICE_PUBLIC_URL,
    defaultOrg: env.SLUICE_DEFAULT_ORG,
    authSecret: env.NEXTAUTH_SECRET,
    logLevel: env.SLUICE_LOG_LEVEL,
  };
}
