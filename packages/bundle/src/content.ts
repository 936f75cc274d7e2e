import { z } from "zod";
import { selfCheckSchema } from "./self-check.ts";

/** The language of bundles; an enforcer refuses any other. */
export const BUNDLE_FORMAT = "sluice.bundle.v1";

const uid = z.object({ type: z.string().min(1), id: z.string().min(1) });

/** Cedar's JSON form of an entity, as the control plane writes it. */
const entitySchema = z.object({
  uid,
  attrs: z.record(z.string(), z.unknown()),
  tags: z.record(z.string(), z.unknown()).optional(),
  parents: z.array(uid),
});

/** How a class of data is hidden when `unmask` is not permitted. */
export const maskStrategySchema = z.enum(["null", "redact", "hmac", "format", "partial"]);

const limitsSchema = z.object({
  sessionsMax: z.number().int().positive().default(200),
  statementBytesMax: z.number().int().positive().default(1_048_576),
  frameBytesMax: z.number().int().positive().default(67_108_864),
  idleTimeoutMs: z.number().int().positive().default(1_800_000),
  handshakeTimeoutMs: z.number().int().positive().default(10_000),
});

const upstreamAddressSchema = z.object({
  host: z.string().min(1).max(255),
  port: z.number().int().min(1).max(65535),
});

/** Which of several hosts a session may use, in the words of libpq's target_session_attrs. */
export const targetSessionSchema = z.enum(["any", "read-write", "read-only", "primary", "standby", "prefer-standby"]);

/** Whether upstream connections serve several sessions of the same identity, one after another; off unless chosen. */
export const identityPoolSchema = z.object({
  enabled: z.boolean().default(false),
  /** idle connections of one identity, at most */
  idlePerIdentityMax: z.number().int().min(1).max(50).default(4),
  /** idle connections of all identities, at most */
  idleMax: z.number().int().min(1).max(1_000).default(50),
  idleMs: z.number().int().min(1_000).max(3_600_000).default(60_000),
  ageMs: z.number().int().min(1_000).max(86_400_000).default(600_000),
  usesMax: z.number().int().min(2).max(100_000).default(1_000),
});

/** One resource as its enforcer needs it. Credentials are named, never carried. */
export const resourceSchema = z.object({
  id: z.uuid(),
  name: z.string().min(1),
  kind: z.literal("postgres"),
  environment: z.string(),
  /** where clients reach it: port 0 lets the enforcer choose */
  listen: z.object({ host: z.string(), port: z.number().int().min(0).max(65535) }),
  upstream: z.object({
    host: z.string(),
    port: z.number().int().min(1).max(65535),
    /** further hosts of the same database, tried after the first */
    fallbacks: z.array(upstreamAddressSchema).max(15).default([]),
    targetSession: targetSessionSchema.default("any"),
    /** tries the hosts in random order */
    loadBalance: z.boolean().default(false),
    /** for each address of each host: reached, authenticated and found fit */
    connectTimeoutMs: z.number().int().min(100).max(60_000).default(10_000),
    pool: identityPoolSchema.prefault({}),
    /** while sessions begin one after another, a connection that nobody used waits for the next one, 15 s at most */
    openAhead: z.boolean().default(true),
    database: z.string(),
    /** disable only for tests on a Unix socket or loopback; verify-full checks name and CA */
    tls: z.enum(["verify-full", "disable"]),
    /** the enforcer's own name for user, password and CA: SLUICE_UPSTREAM_<REF>_USER, _PASSWORD, _CA_FILE */
    credentialRef: z.string().regex(/^[A-Z0-9_]+$/),
  }),
  limits: limitsSchema.prefault({}),
  tags: z.record(z.string(), z.string()).default({}),
});

/** A column that carries data classes; `column` may be "*". */
const columnClassSchema = z.object({
  resourceId: z.uuid(),
  schema: z.string(),
  table: z.string(),
  column: z.string(),
  classes: z.array(z.string()).min(1),
});

/** Everything one site's enforcers need, and all they may trust. */
export const bundleContentSchema = z.object({
  format: z.literal(BUNDLE_FORMAT),
  orgId: z.uuid(),
  orgSlug: z.string(),
  siteId: z.uuid(),
  version: z.number().int().positive(),
  policyVersion: z.number().int().nonnegative(),
  builtAtMs: z.number().int(),
  /** after this the enforcer refuses new work and says why (its lease) */
  expiresAtMs: z.number().int(),
  schemaVersion: z.number().int(),
  /** requests with the verdicts that the builder's engine gave them: what loads the policies decides them again */
  selfCheck: selfCheckSchema.optional(),
  policies: z.object({ guardrails: z.unknown(), access: z.unknown(), obligations: z.unknown() }),
  /** users, groups, agents, databases, data classes, grants */
  entities: z.array(entitySchema),
  dataClasses: z.array(z.object({ name: z.string(), strategy: maskStrategySchema })),
  columnClasses: z.array(columnClassSchema),
  resources: z.array(resourceSchema),
  /** Ed25519 public keys (JWK) that sign client access tokens, by kid */
  tokenKeys: z.array(z.object({ kid: z.string(), jwk: z.record(z.string(), z.unknown()) })),
  /** jti of access tokens revoked before their end */
  revokedTokens: z.array(z.string()),
  /** principals (`User::"id"`) that may not work now */
  lockedPrincipals: z.array(z.string()),
  workflows: z.array(z.object({ name: z.string(), timeoutMs: z.number().int().positive() })),
  /** key (base64url, 32 bytes) for joinable hmac masking, per org */
  maskKey: z.string(),
});

/** The parsed content of a bundle. */
export type BundleContent = z.infer<typeof bundleContentSchema>;
/** Which of several hosts a session may use. */
export type TargetSession = z.infer<typeof targetSessionSchema>;
/** Bounds of a pool per identity. */
export type IdentityPoolOptions = z.infer<typeof identityPoolSchema>;
/** One resource of a bundle. */
export type BundleResource = z.infer<typeof resourceSchema>;
