import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestSite } from "../../apps/enforcer/src/protocols/postgres/fixtures/test-site.ts";
import { type DebianServer, debianPostgres, startDebianServer } from "./debian-server.ts";
import { programs, run, runBoth, startSite, throughSluice } from "./side-by-side.ts";

const postgres = debianPostgres();
const why = postgres ? "" : " (left out: no PostgreSQL server of Debian here; `apt-get install postgresql-15`)";
if (!postgres) console.warn(`left out: another version of the server${why}`);
const program = (name: string) => join(postgres?.binariesDir ?? "", name);

let server: DebianServer;
let site: TestSite;
beforeAll(async () => {
  if (!postgres) return;
  server = await startDebianServer(postgres);
  site = await startSite({ upstream: server.upstream });
}, 120_000);
afterAll(async () => {
  await site?.close();
  await server?.close();
});

describe.skipIf(!postgres)(`before PostgreSQL ${postgres?.major ?? "of another version"}${why}`, () => {
  test("psql runs its own commands, scripts and errors as it does directly", { timeout: 120_000 }, async () => {
    const args = ["-X", "-a", "-f", join(programs, "meta.sql")];
    const { direct, through } = await runBoth(site, program("psql"), args, {}, server.upstream);
    // the server guesses at what may have been meant; a refusal does not
    const plain = (lines: readonly string[]) => lines.filter((line) => !line.startsWith("HINT:  Perhaps"));
    expect(direct.length).toBeGreaterThan(1_000);
    expect(plain(through)).toEqual(plain(direct));
  });

  test("node-postgres gets the answers and errors that the server itself gives", { timeout: 120_000 }, async () => {
    const args = [join(programs, "node-postgres.mjs")];
    const { direct, through } = await runBoth(site, process.execPath, args, {}, server.upstream);
    // servers before 17 do not know TLS from the first byte; the enforcer does, whatever is behind it
    const plain = (lines: readonly string[]) => lines.filter((line) => !line.startsWith("TLS from the first byte"));
    const withheld = "the payload is withheld by Sluice: it may carry masked values";
    expect(direct.filter((line) => line !== "").at(-1)).toBe("done");
    expect(plain(through).map((line) => line.replaceAll(withheld, "hello"))).toEqual(plain(direct));
  });

  test.each(["simple", "extended", "prepared"])("pgbench runs in its mode %s", { timeout: 60_000 }, async (mode) => {
    const file = `${site.caFile}.${mode}.sql`;
    writeFileSync(file, "\\set id random(1, 3000)\nSELECT total, status FROM orders WHERE id = :id;\n");
    const args = ["-n", "-M", mode, "-c", "4", "-t", "50", "-f", file];
    const { output, status } = await run(program("pgbench"), args, { env: throughSluice(site) });
    expect(output).toContain("number of transactions actually processed: 200/200");
    expect(status).toBe(0);
  });
});
