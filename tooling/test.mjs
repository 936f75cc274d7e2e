// `npm test`: static checks and unit tests, integration against real Postgres and Redis, the whole stack from outside,
// and the console in a real browser. Ends with `N passed, N failed`. `npm test -- --only system,browser` runs some.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkSteps, generate } from "./check.mjs";
import { root, runCommand, runSteps, toolEnvironment } from "./steps.mjs";
import { ensureChromium, ensureDrivers, ensurePsql } from "./test-programs.mjs";

const bin = (name) => join(root, "node_modules/.bin", name);
const dir = mkdtempSync(join(tmpdir(), "sluice-results-"));
const totals = { passed: 0, failed: 0 };

function count(passed, failed) {
  totals.passed += passed;
  totals.failed += failed;
}

/** One vitest run; its own report gives the numbers. A run without a report counts as one failure. */
function vitest(name, config, timeoutMs) {
  const report = join(dir, `${name}.json`);
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return {
    name: `${name} tests (vitest)`,
    run: async () => {
      const env = toolEnvironment({ NO_COLOR: "1", FORCE_COLOR: "0" });
      const result = await runCommand(bin("vitest"), [...args, "-c", config], { timeoutMs, env });
      if (!existsSync(report)) {
        count(0, 1);
        return { ...result, status: result.status || 1 };
      }
      const { numPassedTests: passed, numFailedTests, success, testResults } = JSON.parse(readFileSync(report, "utf8"));
      const broken = testResults.filter(
        (file) => file.status === "failed" && file.assertionResults.length === 0,
      ).length;
      const failed = numFailedTests + broken + (result.status !== 0 && success ? 1 : 0);
      count(passed, failed);
      return { ...result, note: `${passed} passed, ${failed} failed` };
    },
  };
}

/** The browser tests; Playwright's own report gives the numbers. */
function browserTests() {
  const report = join(dir, "e2e.json");
  return {
    name: "browser tests (playwright)",
    run: async () => {
      const browser = await ensureChromium();
      if (browser.status !== 0) {
        count(0, 1);
        return browser;
      }
      const env = toolEnvironment({
        SLUICE_CHROMIUM: browser.path,
        PLAYWRIGHT_JSON_OUTPUT_FILE: report,
        FORCE_COLOR: "0",
      });
      const args = ["test", "-c", "test/e2e/playwright.config.ts", "--reporter=list,json"];
      const result = await runCommand(bin("playwright"), args, { timeoutMs: 900_000, env });
      const stats = existsSync(report)
        ? JSON.parse(readFileSync(report, "utf8")).stats
        : { expected: 0, unexpected: 1, flaky: 0 };
      const failed = stats.unexpected + stats.flaky || (result.status === 0 ? 0 : 1);
      count(stats.expected, failed);
      return {
        ...result,
        status: result.status || (failed > 0 ? 1 : 0),
        note: `${stats.expected} passed, ${failed} failed`,
      };
    },
  };
}

/** A static check counts as one. */
function counted(step) {
  return {
    name: step.name,
    run: async () => {
      const result = await step.run();
      count(result.status === 0 ? 1 : 0, result.status === 0 ? 0 : 1);
      return result;
    },
  };
}

if (!existsSync(bin("node"))) {
  console.error("The tools are not installed: run `npm ci` (or `npm run up`) first.\n0 passed, 1 failed");
  process.exit(1);
}
const only = process.argv.includes("--only") ? (process.argv[process.argv.indexOf("--only") + 1] ?? "").split(",") : [];
const wanted = (step) => only.length === 0 || only.some((word) => step.name.includes(word));
const statics = checkSteps()
  .filter(({ name }) => !name.startsWith("unit"))
  .map(counted);
const dynamic = [
  vitest("unit", "vitest.config.ts", 300_000),
  vitest("integration", "vitest.integration.config.ts", 600_000),
  vitest("system", "vitest.system.config.ts", 900_000),
  browserTests(),
];
const unknown = only.filter((word) => ![...statics, ...dynamic].some(({ name }) => name.includes(word)));
if (unknown.length > 0) {
  rmSync(dir, { recursive: true, force: true });
  console.error(
    `No step is called ${unknown.join(", ")}: see --only at the top of tooling/test.mjs.\n0 passed, 1 failed`,
  );
  process.exit(1);
}
try {
  await runSteps([counted({ name: "generate", run: generate })]);
  await runSteps([counted({ name: "psql", run: ensurePsql })]);
  await runSteps([{ name: "drivers of other languages", run: ensureDrivers }]);
  await runSteps(statics.filter(wanted), { width: 2 });
  await runSteps(dynamic.filter(wanted));
} finally {
  rmSync(dir, { recursive: true, force: true });
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 ? 0 : 1;
