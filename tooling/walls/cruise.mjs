import { existsSync } from "node:fs";
import { join } from "node:path";
import { cruise } from "dependency-cruiser";
import { ruleSet } from "./rules.mjs";

const rooms = ["apps", "packages", "infra", "test", "tooling"];
const outside = "(^|/)(node_modules|\\.next|generated|test-results)/";

/** Checks the walls of one tree. Returns the broken rules and every module that was seen. */
export async function cruiseTree(baseDir) {
  const { output } = await cruise(
    rooms.filter((room) => existsSync(join(baseDir, room))),
    {
      baseDir,
      ruleSet,
      validate: true,
      outputType: "json",
      tsPreCompilationDeps: true,
      doNotFollow: { path: "node_modules" },
      exclude: { path: "(^|/)(\\.next|test-results|coverage)/|^apps/console/next-env\\.d\\.ts$" },
      combinedDependencies: true,
    },
    {
      extensions: [".ts", ".tsx", ".mts", ".mjs", ".js", ".d.ts"],
      conditionNames: ["import", "types", "node", "default"],
      exportsFields: ["exports"],
    },
  );
  const result = typeof output === "string" ? JSON.parse(output) : output;
  return {
    violations: result.summary.violations.map((violation) => ({
      rule: violation.rule.name,
      from: violation.from,
      to: violation.to,
      cycle: violation.cycle?.map((step) => step.name),
    })),
    modules: new Set(
      result.modules.map((module) => module.source).filter((source) => !new RegExp(outside).test(source)),
    ),
  };
}
