import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestSite } from "../../apps/enforcer/src/protocols/postgres/fixtures/test-site.ts";
import { directly, programs, run, runBoth, startSite, throughSluice } from "./side-by-side.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

/** psql at a terminal: types, and gives what it shows once `until` is in it, or what it showed in ten seconds. */
async function typed(env: NodeJS.ProcessEnv, keys: readonly string[], until: RegExp): Promise<string> {
  const { HOME, PATH } = process.env;
  const child = spawn("script", ["-qec", "psql -X", "/dev/null"], {
    env: { PATH, HOME, LC_ALL: "C.UTF-8", TERM: "dumb", PAGER: "cat", ...env },
    stdio: "pipe",
  });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (shown += text));
  const ended = new Promise((resolve) => child.once("close", resolve));
  const appears = async (pattern: RegExp) => {
    for (let waited = 0; !pattern.test(shown) && waited < 10_000; waited += 50) await sleep(50);
  };
  try {
    await appears(/=> $/);
    for (const key of keys) {
      child.stdin.write(key);
      await sleep(key.includes("\t") ? 700 : 50);
    }
    await appears(until);
    return shown;
  } finally {
    child.stdin.end("\x03\n\\q\n");
    const timer = setTimeout(() => child.kill(), 5_000);
    await ended;
    clearTimeout(timer);
  }
}

describe("psql", () => {
  test("runs its own commands, scripts and errors as it does directly", { timeout: 120_000 }, async () => {
    const args = ["-X", "-a", "-f", join(programs, "meta.sql")];
    const { direct, through } = await runBoth(site, "psql", args);
    // the server guesses at what may have been meant; a refusal does not
    const plain = (lines: readonly string[]) => lines.filter((line) => !line.startsWith("HINT:  Perhaps"));
    expect(direct.length).toBeGreaterThan(1_000);
    expect(plain(through)).toEqual(plain(direct));
  });

  test("completes tables, columns, settings and commands at the tab key", { timeout: 60_000 }, async () => {
    const line = ["SELECT sum(id) FROM prod\t", "WHERE categ\t", "IS NOT NULL;\n"];
    const shown = await typed(throughSluice(site), line, /\b820\b/);
    expect(shown).toMatch(/FROM products WHERE category IS NOT NULL;/);
    expect(shown).toMatch(/\b820\b/);
    const setting = await typed(
      throughSluice(site),
      ["SET appl\t", "TO 'x';\nSHOW application_name;\n"],
      /\bx\b\r?\n\(1 row/,
    );
    expect(setting).toMatch(/SET application_name TO 'x';/);
    const described = await typed(throughSluice(site), ["\\d custo\t", "\t\t", "s\n"], /customers_pkey/);
    expect(described).toMatch(/customer_contacts\s+customers/);
    expect(described).toContain("customers_pkey");
  });

  test("repeats a query until it is interrupted", { timeout: 60_000 }, async () => {
    const shown = await typed(throughSluice(site), ["SELECT 40 + 2 AS n \\watch 0.2\n"], /(42[^]*){3}/);
    expect(shown.match(/\b42\b/g)?.length).toBeGreaterThanOrEqual(3);
  });

  test("interrupts a running query with Ctrl-C", { timeout: 60_000 }, async () => {
    const never = "SELECT count(*) FROM orders a, orders b, orders c;\n";
    const shown = await typed(throughSluice(site), [never, "\x03"], /canceling statement/);
    expect(shown).toContain("canceling statement due to user request");
  });
});

describe("pgbench", () => {
  const script =
    "\\set id random(1, 3000)\nBEGIN;\nUPDATE orders SET status = 'b' WHERE id = :id;\nSELECT total FROM orders WHERE id = :id;\nROLLBACK;\n";

  for (const mode of ["simple", "extended", "prepared"])
    test(`runs transactions in its mode ${mode}`, { timeout: 60_000 }, async () => {
      const file = `${site.caFile}.pgbench.sql`;
      writeFileSync(file, script);
      const args = ["-n", "-M", mode, "-c", "4", "-j", "2", "-t", "25", "-f", file];
      const { output, status } = await run("pgbench", args, { env: throughSluice(site) });
      expect(output).toContain("number of transactions actually processed: 100/100");
      expect(status).toBe(0);
    });
});

describe("pg_dump", () => {
  test("of an older version than the server is refused by itself, as it is directly", { timeout: 60_000 }, async () => {
    const { direct, through } = await runBoth(site, "pg_dump", ["-s"]);
    const { output: version } = await run("psql", ["-XAtc", "SHOW server_version_num"], { env: directly() });
    const { output: own } = await run("pg_dump", ["--version"], { env: {} });
    if (Number(/\) (\d+)/.exec(own)?.[1]) < Math.floor(Number(version) / 10_000))
      expect(through.join("\n")).toContain("aborting because of server version mismatch");
    expect(through.filter((line) => line.startsWith("pg_dump:"))).toEqual(
      direct.filter((line) => line.startsWith("pg_dump:")),
    );
  });
});
