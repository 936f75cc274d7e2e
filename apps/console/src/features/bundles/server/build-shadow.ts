import { SHADOW_BYTES_MAX, signShadow } from "@sluice/bundle";
import type { BundledPolicies } from "@sluice/bundle/build";
import type { OrgTx } from "@sluice/db";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { SCHEMA_VERSION } from "@sluice/policy-engine";
import type { Deps } from "../../../server/deps.ts";
import { readPrivateKey } from "../../keys/index.ts";

/** A candidate as its run wants it signed. */
export interface WantedShadow {
  readonly orgId: string;
  readonly runId: string;
  /** the run's number */
  readonly version: number;
  readonly endsAtMs: number;
  readonly policies: BundledPolicies;
}

/** One site's signed candidate, ready to be stored. */
export interface ShadowPart {
  readonly orgId: string;
  readonly runId: string;
  readonly siteId: string;
  readonly digest: string;
  readonly envelope: Uint8Array<ArrayBuffer>;
}

/** Signs a candidate for every site of the org, with the key that its enforcers pinned for bundles. Stores nothing. */
export async function buildShadowParts(
  tx: OrgTx,
  deps: Pick<Deps, "clock" | "sealer">,
  { endsAtMs, ...wanted }: WantedShadow,
): Promise<Result<readonly ShadowPart[], TaggedError<"request.invalid">>> {
  const { orgId, runId } = wanted;
  const key = await readPrivateKey(tx, deps.sealer, orgId, "bundle");
  const sites = await tx.site.findMany({ select: { id: true }, orderBy: { slug: "asc" } });
  const parts: ShadowPart[] = [];
  for (const { id: siteId } of sites) {
    const times = { builtAtMs: deps.clock.now(), expiresAtMs: endsAtMs };
    const { digest, envelope } = signShadow({ ...wanted, ...times, siteId, schemaVersion: SCHEMA_VERSION }, key);
    if (envelope.length > SHADOW_BYTES_MAX) {
      const text = `The candidate has ${envelope.length} bytes when signed; enforcers run at most ${SHADOW_BYTES_MAX}.`;
      return err(taggedError("request.invalid", text, { retry: "after-change" }));
    }
    parts.push({ orgId, runId, siteId, digest, envelope: new Uint8Array(envelope) });
  }
  return ok(parts);
}
