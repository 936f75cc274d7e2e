import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { createSecureContext, type SecureContext } from "node:tls";
import { err, ok, type Result, Secret, type TaggedError, taggedError } from "@sluice/kernel";
import type { LogLevel } from "@sluice/telemetry";
import { z } from "zod";
import { NICE_DEFAULT } from "./launch/priority.ts";
import type { UpstreamSecrets } from "./protocols/protocol.ts";

/** Why the environment is not usable; the text names the variable and what to do. */
export type EnvError = TaggedError<"env.invalid" | "env.no_credentials">;

const file = z.string().min(1);
const schema = z.object({
  SLUICE_CONTROL_ADDRESS: z.string().regex(/^.+:\d+$/, "must be host:port"),
  SLUICE_CONTROL_CA_FILE: file,
  SLUICE_STATE_DIR: z.string().min(1),
  SLUICE_ENROL_TOKEN: z.string().min(1).optional(),
  SLUICE_LISTENER_CERT_FILE: file,
  SLUICE_LISTENER_KEY_FILE: file,
  SLUICE_NICE: z.coerce.number().int().min(-20).max(19).default(NICE_DEFAULT),
  SLUICE_SPOOL_BYTES_MAX: z.coerce.number().int().min(16_777_216).default(1_073_741_824),
  SLUICE_LOG_LEVEL: z.enum(["silent", "error", "warn", "info", "debug", "trace"]).default("info"),
});

/** The enforcer's configuration, parsed once. */
export interface EnforcerEnv {
  readonly controlAddress: string;
  readonly controlCaPem: string;
  readonly stateDir: string;
  readonly enrolToken: Secret<string> | undefined;
  /** how it is treated among others that want the same processors: −20, before them, to 19 */
  readonly nice: number;
  readonly spoolBytesMax: number;
  readonly hostname: string;
  readonly logLevel: LogLevel;
  /** reads certificate and key again, so that a replaced certificate is used from the next connection on */
  loadSecureContext(): Result<SecureContext, EnvError>;
  readonly credentials: (ref: string) => Result<UpstreamSecrets, TaggedError<"env.no_credentials">>;
}

/** Reads the environment; nothing else in the enforcer does. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Result<EnforcerEnv, EnvError> {
  const parsed = schema.safeParse(source);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ message, path }) => `${path.join(".")}: ${message}`);
    return err(invalid(problems.join("; ")));
  }
  const env = parsed.data;
  const controlCa = readText("SLUICE_CONTROL_CA_FILE", env.SLUICE_CONTROL_CA_FILE);
  if (!controlCa.ok) return controlCa;
  const loadSecureContext = () => secureContext(env.SLUICE_LISTENER_CERT_FILE, env.SLUICE_LISTENER_KEY_FILE);
  const first = loadSecureContext();
  if (!first.ok) return first;
  return ok({
    controlAddress: env.SLUICE_CONTROL_ADDRESS,
    controlCaPem: controlCa.value,
    stateDir: env.SLUICE_STATE_DIR,
    enrolToken: env.SLUICE_ENROL_TOKEN === undefined ? undefined : new Secret(env.SLUICE_ENROL_TOKEN),
    nice: env.SLUICE_NICE,
    spoolBytesMax: env.SLUICE_SPOOL_BYTES_MAX,
    hostname: hostname(),
    logLevel: env.SLUICE_LOG_LEVEL,
    loadSecureContext,
    credentials: (ref) => upstreamSecrets(source, ref),
  });
}

function secureContext(certFile: string, keyFile: string): Result<SecureContext, EnvError> {
  const cert = readText("SLUICE_LISTENER_CERT_FILE", certFile);
  if (!cert.ok) return cert;
  const key = readText("SLUICE_LISTENER_KEY_FILE", keyFile);
  if (!key.ok) return key;
  try {
    return ok(createSecureContext({ cert: cert.value, key: key.value, minVersion: "TLSv1.2" }));
  } catch (cause) {
    return err(invalid(`the listener's certificate or key cannot be used: ${messageOf(cause)}`));
  }
}

function upstreamSecrets(
  source: NodeJS.ProcessEnv,
  ref: string,
): Result<UpstreamSecrets, TaggedError<"env.no_credentials">> {
  const prefix = `SLUICE_UPSTREAM_${ref}`;
  const user = source[`${prefix}_USER`];
  const password = source[`${prefix}_PASSWORD`];
  const caFile = source[`${prefix}_CA_FILE`];
  if (!user || !password) return err(noCredentials(`set ${prefix}_USER and ${prefix}_PASSWORD for this enforcer`));
  if (!caFile) return ok({ user, password: new Secret(password) });
  const ca = readText(`${prefix}_CA_FILE`, caFile);
  return ca.ok ? ok({ user, password: new Secret(password), ca: ca.value }) : err(noCredentials(ca.error.internal));
}

function readText(name: string, path: string): Result<string, EnvError> {
  try {
    return ok(readFileSync(path, "utf8"));
  } catch (cause) {
    return err(invalid(`${name}: ${messageOf(cause)}`));
  }
}

function noCredentials(internal: string): TaggedError<"env.no_credentials"> {
  return taggedError("env.no_credentials", "this enforcer holds no credentials for it", {
    internal,
    retry: "after-change",
  });
}

function invalid(text: string): TaggedError<"env.invalid"> {
  return taggedError("env.invalid", text, { retry: "after-change" });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
