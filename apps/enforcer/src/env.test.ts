import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readEnv } from "./env.ts";

const dir = mkdtempSync(join(tmpdir(), "sluice-env-"));
const broken = join(dir, "broken.pem");
writeFileSync(broken, "not a certificate");
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const complete = {
  SLUICE_CONTROL_ADDRESS: "localhost:4500",
  SLUICE_CONTROL_CA_FILE: broken,
  SLUICE_STATE_DIR: dir,
  SLUICE_LISTENER_CERT_FILE: broken,
  SLUICE_LISTENER_KEY_FILE: broken,
};

describe("the environment", () => {
  test("is refused with the name of every variable that is missing or wrong", () => {
    const read = readEnv({ SLUICE_CONTROL_ADDRESS: "localhost" });
    expect(read.ok).toBe(false);
    if (read.ok) return;
    for (const name of ["SLUICE_CONTROL_ADDRESS", "SLUICE_STATE_DIR", "SLUICE_LISTENER_KEY_FILE"])
      expect(read.error.internal).toContain(name);
  });

  test("is refused with the path of a file that is not there or not usable", () => {
    const missing = readEnv({ ...complete, SLUICE_CONTROL_CA_FILE: join(dir, "nowhere.pem") });
    expect(missing).toMatchObject({ ok: false, error: { internal: expect.stringContaining("nowhere.pem") } });
    expect(readEnv(complete)).toMatchObject({ ok: false, error: { internal: expect.stringContaining("certificate") } });
  });
});
