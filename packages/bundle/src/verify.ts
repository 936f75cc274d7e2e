import { createHash } from "node:crypto";
import { ok, type Result } from "@sluice/kernel";
import { BUNDLE_FORMAT, type BundleContent, bundleContentSchema } from "./content.ts";
import { BUNDLE_PAYLOAD_TYPE, ENVELOPE_BYTES_MAX } from "./envelope.ts";
import { type BundleRefusal, openSigned, parseJson, refuse } from "./open-signed.ts";

/** What the verifier already trusts, and the time. */
export interface BundleTrust {
  /** raw Ed25519 public key (32 bytes), pinned at enrolment */
  readonly bundleKey: Uint8Array;
  readonly orgId: string;
  readonly siteId: string;
  /** the highest version ever applied; 0 for none. Anything below is a rollback. */
  readonly versionFloor: number;
  /** digest of the bundle applied at the floor: another bundle of that same version is refused as a rollback too */
  readonly floorDigest?: string | undefined;
  readonly nowMs: number;
}

/** A bundle that may be used. */
export interface VerifiedBundle {
  readonly content: BundleContent;
  readonly digest: string;
}

/**
 * Checks an envelope's bytes: form, key, signature, format, org, site, version floor, expiry, in that order; nothing of
 * the payload is looked at before its signature holds. Never throws on bad input.
 */
export function verifyBundle(bytes: Uint8Array, trust: BundleTrust): Result<VerifiedBundle, BundleRefusal> {
  const expected = { what: "bundle", payloadType: BUNDLE_PAYLOAD_TYPE, bytesMax: ENVELOPE_BYTES_MAX } as const;
  const payload = openSigned(bytes, trust.bundleKey, expected);
  if (!payload.ok) return payload;
  const content = parseContent(payload.value);
  if (!content.ok) return content;
  const digest = createHash("sha256").update(payload.value).digest("hex");
  return checkTrust({ content: content.value, digest }, trust);
}

function parseContent(payload: Buffer): Result<BundleContent, BundleRefusal> {
  const json = parseJson(payload);
  const format = typeof json === "object" && json !== null && "format" in json ? json.format : undefined;
  if (format !== BUNDLE_FORMAT) {
    return refuse(
      "bundle.unknown_format",
      `The bundle has format ${String(format)}; this enforcer reads ${BUNDLE_FORMAT}.`,
    );
  }
  const parsed = bundleContentSchema.safeParse(json);
  if (!parsed.success) {
    return refuse("bundle.bad_format", "The bundle's content does not have the agreed form.", parsed.error.message);
  }
  return ok(parsed.data);
}

function checkTrust(bundle: VerifiedBundle, trust: BundleTrust): Result<VerifiedBundle, BundleRefusal> {
  const { content, digest } = bundle;
  if (content.orgId !== trust.orgId) return refuse("bundle.wrong_org", "The bundle was made for another org.");
  if (content.siteId !== trust.siteId) return refuse("bundle.wrong_site", "The bundle was made for another site.");
  if (content.version < trust.versionFloor) {
    return refuse(
      "bundle.rollback",
      `Bundle version ${content.version} is older than ${trust.versionFloor}, which was applied.`,
    );
  }
  if (content.version === trust.versionFloor && trust.floorDigest !== undefined && digest !== trust.floorDigest) {
    return refuse("bundle.rollback", `Another bundle of version ${content.version} was applied before.`);
  }
  if (content.expiresAtMs <= trust.nowMs) {
    return refuse("bundle.expired", `The bundle's lease ended at ${new Date(content.expiresAtMs).toISOString()}.`);
  }
  return ok(bundle);
}
