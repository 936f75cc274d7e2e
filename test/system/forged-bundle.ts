import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type BundleContent, bundleContentSchema, envelopeSchema, signBundle } from "@sluice/bundle";
import { Secret, unwrap } from "@sluice/kernel";
import { z } from "zod";
import { sealerWith } from "../../apps/console/src/server/seal.ts";
import { queryControl } from "./control-data.ts";

const settingsSchema = z.object({ secrets: z.object({ seal: z.string() }) });
const keySchema = z.object({ id: z.string(), orgId: z.string(), sealedPrivate: z.instanceof(Uint8Array) });
const rowSchema = z.object({
  orgId: z.string(),
  siteId: z.string(),
  version: z.number(),
  policyVersion: z.number(),
  envelope: z.instanceof(Uint8Array),
});

/**
 * Puts a bundle into the control plane's database that its builder would never make, signed with the org's own key: the
 * newest one with something changed and the next number. Returns that number and the content it was made from.
 */
export async function offerBundle(
  stateDir: string,
  change: (content: BundleContent) => Partial<BundleContent>,
): Promise<{ readonly version: number; readonly before: BundleContent }> {
  const [newest] = await queryControl(stateDir, "SELECT * FROM bundle ORDER BY version DESC LIMIT 1");
  const row = rowSchema.parse(newest);
  const { payload } = envelopeSchema.parse(JSON.parse(Buffer.from(row.envelope).toString("utf8")));
  const before = bundleContentSchema.parse(JSON.parse(Buffer.from(payload, "base64").toString("utf8")));
  const version = row.version + 1;
  const signed = signBundle({ ...before, ...change(before), version }, await bundleKey(stateDir));
  await queryControl(
    stateDir,
    `INSERT INTO bundle (id, "orgId", "siteId", version, digest, envelope, "policyVersion", cause)
     VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, 'test')`,
    [row.orgId, row.siteId, version, signed.digest, Buffer.from(signed.envelope), row.policyVersion],
  );
  await queryControl(stateDir, `UPDATE enforcer SET "desiredVersion" = $2 WHERE "siteId" = $1`, [row.siteId, version]);
  return { version, before };
}

async function bundleKey(stateDir: string) {
  const { secrets } = settingsSchema.parse(JSON.parse(readFileSync(join(stateDir, "settings.json"), "utf8")));
  const [stored] = await queryControl(
    stateDir,
    `SELECT id, "orgId", "sealedPrivate" FROM signing_key WHERE purpose = 'bundle' AND "retiredAt" IS NULL`,
  );
  const key = keySchema.parse(stored);
  const sealer = sealerWith(new Secret(new Uint8Array(Buffer.from(secrets.seal, "base64"))));
  const opened = unwrap(sealer.open(key.sealedPrivate, `signing_key.sealedPrivate:${key.orgId}:${key.id}`));
  return createPrivateKey({ key: Buffer.from(opened), format: "der", type: "pkcs8" });
}
