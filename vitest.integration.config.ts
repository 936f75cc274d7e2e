import { defineConfig } from "vitest/config";

// Tests beside the code that need a real Postgres and Redis: test/kit starts them and inject() gives their addresses.
export default defineConfig({
  test: {
    include: [
      "apps/*/src/**/*.integration.test.ts",
      "packages/*/src/**/*.integration.test.ts",
      "test/kit/**/*.integration.test.ts",
      "test/fuzz/**/*.integration.test.ts",
      "test/clients/**/*.integration.test.ts",
    ],
    globalSetup: ["test/kit/real-databases.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
