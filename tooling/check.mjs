// `npm run check`: format, lint, types, dead code, walls, unit tests. `npm run check -- --only types,walls` runs some.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root, runCommand, runSteps, toolEnvironment } from "./steps.mjs";

const node = join(root, "node_modules/.bin/node");
const bin = (name) => join(root, "node_modules/.bin", name);
const step = (name, command, args) => ({ name, run: () => runCommand(command, args) });

/** Every workspace with a tsconfig.json. */
function typedWorkspaces() {
  const below = (dir) => readdirSync(join(root, dir)).map((name) => `${dir}/${name}`);
  return [...below("apps"), ...below("packages"), "infra", "tooling", "test"].filter((dir) =>
    existsSync(join(root, dir, "tsconfig.json")),
  );
}

/** The unit tests, with vitest's own count for the summary. */
async function unitTests() {
  const env = toolEnvironment({ NO_COLOR: "1", FORCE_COLOR: "0" });
  const result = await runCommand(bin("vitest"), ["run", "--reporter=dot"], { env });
  return { ...result, note: /Tests\s+(.*)/.exec(result.output)?.[1]?.trim() };
}

/** All static checks and unit tests, by name. */
export function checkSteps() {
  return [
    step("format (biome)", bin("biome"), ["check", "--reporter=summary", "."]),
    step("lint (oxlint)", bin("oxlint"), ["--type-aware", "--deny-warnings"]),
    step("lock file is complete", node, ["tooling/complete-lock.mjs", "--check"]),
    step("walls (dependency-cruiser)", node, ["tooling/walls/main.mjs"]),
    step("dead code (knip)", bin("knip"), ["--no-progress"]),
    ...typedWorkspaces().map((dir) =>
      step(`types ${dir}`, node, [join(root, "node_modules/@typescript/native/bin/tsc"), "-p", dir]),
    ),
    { name: "unit tests (vitest)", run: unitTests },
  ];
}

/** Generates what the types need (the Prisma client), when it is missing or its source changed. */
export function generate() {
  return runCommand(node, ["infra/dev/generate.ts"]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (!existsSync(node)) {
    console.error("The tools are not installed: run `npm ci` (or `npm run up`) first.");
    process.exit(1);
  }
  const only = process.argv.includes("--only")
    ? (process.argv[process.argv.indexOf("--only") + 1] ?? "").split(",")
    : [];
  const chosen = checkSteps().filter(({ name }) => only.length === 0 || only.some((word) => name.includes(word)));
  const start = performance.now();
  const failed = [
    ...(await runSteps([{ name: "generate", run: generate }])),
    ...(await runSteps(chosen.slice(0, -1), { width: 2 })),
    ...(await runSteps(chosen.slice(-1))),
  ];
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    failed.length === 0 ? `\nAll checks passed in ${seconds} s.` : `\nFailed: ${failed.join(", ")} (${seconds} s).`,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
}
