import { execFile, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";

const program = fileURLToPath(new URL("./raise-priority.fixture.ts", import.meta.url));
const said = z.object({ reason: z.string().optional(), nice: z.number(), session: z.string().optional() });

/** Allowed or not, as the machine has it: both ways must be told as they are. */
function expectTold({ nice, reason }: z.infer<typeof said>): void {
  if (reason === undefined) return expect(nice).toBe(-10);
  expect(reason).toMatch(/EACCES|EPERM/);
  expect(nice).toBe(0);
}

test("a service asks to be scheduled before what waits for it, its session too, and says why when it may not", async () => {
  const child = spawn(process.execPath, [program], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  const told = said.parse(JSON.parse(await text(child.stdout)));
  expectTold(told);
  if (told.reason === undefined && told.session !== undefined) expect(told.session).toContain("nice -10");
});

test("a process that shares its session with others leaves their share as it is", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  const told = said.parse(JSON.parse(stdout));
  expectTold(told);
  expect(told.session ?? "").not.toContain("nice -10");
});
