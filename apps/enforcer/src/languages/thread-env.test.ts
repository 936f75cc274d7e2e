import { mkdtempSync, rmSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { threadEnv } from "./thread-env.ts";

test("a thread is told where compiled code is kept, once there is such a place, and nothing else", () => {
  expect(threadEnv()).toEqual({});
  const directory = mkdtempSync(join(tmpdir(), "sluice-code-"));
  enableCompileCache(directory);
  expect(threadEnv()).toEqual({ NODE_COMPILE_CACHE: directory });
  rmSync(directory, { recursive: true });
});
