import { createHash, type KeyObject } from "node:crypto";
import { ok, type Result } from "@sluice/kernel";
import { z } from "zod";
import { type BundleRefusal, openSigned, parseJson, refuse } from "./open-signed.ts";
import { type SignedBundle, signPayload } from "./sign.ts";

/** The DSSE payload type of a candidate. It is part of what is signed, so a candidate can never pass as a bundle. */
export const SHADOW_PAYLOAD_TYPE = "application/vnd.sluice.shadow.v1+json";
/** Largest candidate envelope that is read, in bytes: 16 MiB. */
export const SHADOW_BYTES_MAX = 16_777_216;

const SHADOW_FORMAT = "sluice.shadow.v1";

/** Policies to decide live traffic with beside those in force, for one site and one run. Nothing of it is enforced. */
export const shadowContentSchema = z.object({
  format: z.literal(SHADOW_FORMAT),
  orgId: z.uuid(),
  siteId: z.uuid(),
  runId: z.uuid(),
  /** grows with each run of an org */
  version: z.number().int().positive(),
  builtAtMs: z.number().int(),
  /** the run's end */
  expiresAtMs: z.number().int(),
  schemaVersion: z.number().int(),
  policies: z.object({ guardrails: z.unknown(), access: z.unknown(), obligations: z.unknown() }),
});

/** The parsed content of a candidate. */
export type ShadowContent = z.infer<typeof shadowContentSchema>;

/** What the verifier already trusts, and the time. */
export interface ShadowTrust {
  /** raw Ed25519 public key (32 bytes), pinned at enrolment: bundles and candidates have one signer */
  readonly bundleKey: Uint8Array;
  readonly orgId: string;
  readonly siteId: string;
  /** the highest version ever run; anything below is a rollback */
  readonly versionFloor: number;
  readonly nowMs: number;
}

/** A candidate that may run in shadow. */
export interface VerifiedShadow {
  readonly content: ShadowContent;
  readonly digest: string;
}

/** Signs a candidate as bundles are. Throws when the content does not have the schema's form: the builder's bug. */
export function signShadow(content: Omit<ShadowContent, "format">, privateKey: KeyObject): SignedBundle {
  return signPayload(shadowContentSchema.parse({ ...content, format: SHADOW_FORMAT }), SHADOW_PAYLOAD_TYPE, privateKey);
}

/** Checks a candidate as `verifyBundle` checks bundles, with the same refusals. Never throws on bad input. */
export function verifyShadow(bytes: Uint8Array, trust: ShadowTrust): Result<VerifiedShadow, BundleRefusal> {
  const expected = { what: "candidate", payloadType: SHADOW_PAYLOAD_TYPE, bytesMax: SHADOW_BYTES_MAX } as const;
  const payload = openSigned(bytes, trust.bundleKey, expected);
  if (!payload.ok) return payload;
  const parsed = shadowContentSchema.safeParse(parseJson(payload.value));
  if (!parsed.success) {
    return refuse("bundle.bad_format", "The candidate's content does not have the agreed form.", parsed.error.message);
  }
  const digest = createHash("sha256").update(payload.value).digest("hex");
  return checkTrust({ content: parsed.data, digest }, trust);
}

function checkTrust(shadow: VerifiedShadow, trust: ShadowTrust): Result<VerifiedShadow, BundleRefusal> {
  const { orgId, siteId, version, expiresAtMs } = shadow.content;
  if (orgId !== trust.orgId) return refuse("bundle.wrong_org", "The candidate was made for another org.");
  if (siteId !== trust.siteId) return refuse("bundle.wrong_site", "The candidate was made for another site.");
  if (version < trust.versionFloor) {
    return refuse("bundle.rollback", `Candidate ${version} is older than ${trust.versionFloor}, which ran already.`);
  }
  if (expiresAtMs > trust.nowMs) return ok(shadow);
  return refuse("bundle.expired", `The candidate's run ended at ${new Date(expiresAtMs).toISOString()}.`);
}
