import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "@sluice/db/migrate";
import { devCa, serverCertificate } from "@sluice/infra/dev/certificates";
import { createControlDatabase } from "@sluice/infra/dev/control-database";
import { ensureRedis } from "@sluice/infra/dev/ensure-redis";
import { startPostgres } from "@sluice/infra/dev/postgres";
import { createShop, shopLogins } from "@sluice/infra/dev/shop";
import type { TestProject } from "vitest/node";
import { removedWhenWeEnd } from "./removed-when-we-end.ts";
import "./provided.ts";

/**
 * Starts two Postgres clusters and Redis on free ports in an own directory; nothing is left of them afterwards.
 * SLUICE_TEST_POSTGRES_BIN, a directory with the programs of another version (15 or later), makes the shop run with it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stateDir = mkdtempSync(join(tmpdir(), "sluice-test-"));
  const remove = removedWhenWeEnd(stateDir);
  try {
    const ca = await devCa(join(stateDir, "ca"));
    const secret = randomBytes(24).toString("base64url");
    const certificate = await serverCertificate(ca, "shop");
    const binariesDir = process.env["SLUICE_TEST_POSTGRES_BIN"];
    const shopOptions = { stateDir, name: "shop-database", password: secret, throwAway: true, certificate };
    const [control, shop, redis] = await Promise.all([
      startPostgres({ stateDir, name: "control-database", password: secret, throwAway: true }),
      startPostgres(binariesDir ? { ...shopOptions, binariesDir } : shopOptions),
      ensureRedis({ stateDir, given: undefined }),
    ]);
    const [urls] = await Promise.all([
      createControlDatabase(control, { owner: `o${secret}`, app: `a${secret}` }),
      createShop(shop, secret),
    ]);
    await migrate(urls.ownerUrl);
    const { enforcer, owner } = shopLogins(secret);
    project.provide("ownerUrl", urls.ownerUrl);
    project.provide("appUrl", urls.appUrl);
    project.provide("redisUrl", redis.url);
    project.provide("upstream", {
      host: shop.host,
      port: shop.port,
      database: "shop",
      ...enforcer,
      caFile: ca.caFile,
      owner,
    });
    return remove;
  } catch (error) {
    await remove();
    throw error;
  }
}
