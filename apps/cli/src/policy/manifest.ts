import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const FILE = "sluice.json";
const FORMAT = "sluice.policies.v1";
const schema = z.object({ format: z.literal(FORMAT), base: z.string().regex(/^[0-9a-f]{64}$/) });

/** The digest of the published set that a folder was exported from; undefined where no export says so. */
export function readBase(folder: string): string | undefined {
  const file = join(folder, FILE);
  if (!existsSync(file)) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(readFileSync(file, "utf8")));
    return parsed.success ? parsed.data.base : undefined;
  } catch {
    return undefined; // damaged: as good as none, and the import says what to do
  }
}

/** Notes what a folder was exported from. */
export function writeBase(folder: string, base: string): void {
  writeFileSync(join(folder, FILE), `${JSON.stringify({ format: FORMAT, base }, null, 2)}\n`);
}
