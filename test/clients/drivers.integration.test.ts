import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestSite } from "../../apps/enforcer/src/protocols/postgres/fixtures/test-site.ts";
import { driversHere } from "./drivers-here.ts";
import { programs, run, runBoth, startSite } from "./side-by-side.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

const WITHHELD = "the payload is withheld by Sluice: it may carry masked values";

/** Two runs of a program that did everything: it went to its end, and both printed the same. */
function expectAlike({ direct, through }: { readonly direct: readonly string[]; readonly through: readonly string[] }) {
  expect(direct.filter((line) => line !== "").at(-1)).toBe("done");
  // where columns are hidden, a trigger could have put their values into a notification
  expect(through.map((line) => line.replaceAll(WITHHELD, "hello"))).toEqual(direct);
}

describe("runs unchanged, with the answers and errors that the server itself gives", () => {
  test("node-postgres", { timeout: 120_000 }, async () => {
    expectAlike(await runBoth(site, process.execPath, [join(programs, "node-postgres.mjs")]));
  });

  test("node-postgres, under limits that it does not reach", { timeout: 120_000 }, async () => {
    const limits = '@limit_rows("1000000") @limit_bytes("1000000000") @limit_time("60s")';
    const obligations = `@id("far") @description("Limits far away.") ${limits} permit (principal, action, resource);`;
    const limited = await startSite({ obligations });
    try {
      expectAlike(await runBoth(limited, process.execPath, [join(programs, "node-postgres.mjs")]));
    } finally {
      await limited.close();
    }
  });

  test("postgres.js", { timeout: 120_000 }, async () => {
    expectAlike(await runBoth(site, process.execPath, [join(programs, "postgres-js.mjs")]));
  });

  test("Prisma Client, and its introspection", { timeout: 180_000 }, async () => {
    const root = join(import.meta.dirname, "../..");
    mkdirSync(join(root, ".sluice"), { recursive: true });
    // inside of the repository, where what is generated finds Prisma's runtime
    const dir = mkdtempSync(join(root, ".sluice/prisma-"));
    try {
      const schema = join(dir, "schema.prisma");
      writeFileSync(schema, readFileSync(join(programs, "shop.prisma")));
      // generating needs no native engine, but looks for one: any existing file keeps it from a download
      const env = {
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        CHECKPOINT_DISABLE: "1",
        PRISMA_HIDE_UPDATE_MESSAGE: "1",
      };
      const cli = join(root, "node_modules/prisma/build/index.js");
      const made = await run(process.execPath, [cli, "generate", "--no-hints", "--schema", schema], { env, cwd: dir });
      expect(made).toMatchObject({ status: 0 });
      const client = { PRISMA_CLIENT: join(dir, "client/client.ts") };
      expectAlike(await runBoth(site, process.execPath, [join(programs, "with-prisma.mjs")], client));
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  for (const driver of driversHere()) {
    if (driver.missing !== undefined) console.warn(`left out: ${driver.name}: ${driver.missing}`);
    const why = driver.missing === undefined ? "" : ` (left out: ${driver.missing})`;
    test.skipIf(driver.missing !== undefined)(`${driver.name}${why}`, { timeout: 240_000 }, async () => {
      expectAlike(await runBoth(site, driver.command, driver.args, driver.env));
    });
  }
});
