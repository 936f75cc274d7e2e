import { defineConfig } from "vitest/config";

// The whole stack from outside, as `npm run up` starts it, in an own directory on free ports.
export default defineConfig({
  test: {
    include: ["test/system/**/*.test.ts"],
    globalSetup: ["test/system/shared-stack.ts"],
    fileParallelism: false,
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
});
