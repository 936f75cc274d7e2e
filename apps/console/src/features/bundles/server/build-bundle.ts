import { createHash } from "node:crypto";
import { type BundleContent, bundleContentSchema, bundleDigest, envelopeSchema, signBundle } from "@sluice/bundle";
import type { OrgTx } from "@sluice/db";
import type { Deps } from "../../../server/deps.ts";
import { readPrivateKey } from "../../keys/index.ts";
import { gatherContent, type UndatedContent } from "./gather-content.ts";
import type { BundleSite } from "./gather-entities.ts";
import { buildStored } from "./policy-compiler.ts";

/** How long an enforcer may go on with a bundle when the control plane is gone: its lease. */
export const LEASE_MS = 24 * 3_600_000;
/** A bundle is built again, unchanged, when this much of its lease is left. */
export const RENEW_BEFORE_MS = LEASE_MS / 2;

/** What made a bundle. */
export type BundleCause =
  | "policy"
  | "member"
  | "agent"
  | "group"
  | "resource"
  | "class"
  | "grant"
  | "token"
  | "workflow"
  | "key"
  | "renewal";

/** A bundle that was stored by this call. */
export interface StoredBundle {
  readonly siteId: string;
  readonly version: number;
  readonly digest: string;
}

/**
 * Builds, signs and stores a new bundle for every site of the org whose content changed or whose lease is half over, in
 * the caller's transaction: a change and its bundles are committed together. Builders of one org wait for each other, so
 * versions have no gap. An org without policies has no bundle.
 */
export async function buildBundles(
  tx: OrgTx,
  deps: Pick<Deps, "clock" | "sealer">,
  orgId: string,
  cause: BundleCause,
): Promise<readonly StoredBundle[]> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`sluice_bundle:${orgId}`}, 0))`;
  const policies = await tx.policyVersion.findFirst({ orderBy: { version: "desc" } });
  if (!policies) return [];
  const built = await buildStored(policies);
  const key = await readPrivateKey(tx, deps.sealer, orgId, "bundle");
  const org = await tx.org.findUniqueOrThrow({ where: { id: orgId } });
  const sites = await tx.site.findMany({ orderBy: { slug: "asc" } });
  const stored: StoredBundle[] = [];
  for (const { id, slug } of sites) {
    const site: BundleSite = { orgId, orgSlug: org.slug, siteId: id, siteSlug: slug };
    const undated = await gatherContent(tx, deps, site, { version: policies.version, built });
    const content = await datedWhenNew(tx, deps, site, undated);
    if (!content) continue;
    const signed = signBundle(content, key);
    await tx.bundle.create({
      data: {
        orgId,
        siteId: id,
        version: content.version,
        digest: signed.digest,
        envelope: new Uint8Array(signed.envelope),
        policyVersion: policies.version,
        cause,
      },
    });
    await tx.enforcer.updateMany({ where: { siteId: id }, data: { desiredVersion: content.version } });
    stored.push({ siteId: id, version: content.version, digest: signed.digest });
  }
  return stored;
}

/** The content with the next number and a fresh lease, or nothing when the stored one says the same and is fresh enough. */
async function datedWhenNew(
  tx: OrgTx,
  deps: Pick<Deps, "clock">,
  site: BundleSite,
  undated: UndatedContent,
): Promise<BundleContent | undefined> {
  const nowMs = deps.clock.now();
  const newest = await tx.bundle.findFirst({
    where: { siteId: site.siteId },
    orderBy: { version: "desc" },
    select: { version: true, envelope: true },
  });
  const builtAtMs = nowMs;
  const next: BundleContent = {
    ...undated,
    version: (newest?.version ?? 0) + 1,
    builtAtMs,
    expiresAtMs: nowMs + LEASE_MS,
  };
  if (!newest) return next;
  const before = payloadOf(newest.envelope);
  if (before.expiresAtMs - nowMs < RENEW_BEFORE_MS) return next;
  const same = { ...next, version: before.version, builtAtMs: before.builtAtMs, expiresAtMs: before.expiresAtMs };
  return bundleDigest(same) === before.digest ? undefined : next;
}

/** Times, number and digest of an envelope that this control plane signed and stored itself. */
function payloadOf(
  envelope: Uint8Array,
): Pick<BundleContent, "version" | "builtAtMs" | "expiresAtMs"> & { digest: string } {
  const { payload } = envelopeSchema.parse(JSON.parse(Buffer.from(envelope).toString("utf8")));
  const bytes = Buffer.from(payload, "base64");
  const { version, builtAtMs, expiresAtMs } = bundleContentSchema.parse(JSON.parse(bytes.toString("utf8")));
  return { version, builtAtMs, expiresAtMs, digest: createHash("sha256").update(bytes).digest("hex") };
}
