import { defineConfig } from "vitest/config";

// Unit tests stand beside the code; *.integration.test.ts need the databases that tooling/test.mjs starts.
export default defineConfig({
  test: {
    include: [
      "apps/*/src/**/*.test.{ts,tsx}",
      "packages/*/src/**/*.test.ts",
      "tooling/**/*.test.ts",
      "infra/**/*.test.ts",
      "test/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/*.integration.test.ts", "test/e2e/**", "test/system/**"],
    pool: "threads",
    maxWorkers: 2,
  },
});
