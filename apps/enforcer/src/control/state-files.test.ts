import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleStore } from "./bundle-store.ts";
import { enrolmentStore } from "./enrolment.ts";
import { freshRevocations } from "./fresh-revocations.ts";
import { makePrivateDirectory, readIfThere, replaceFile } from "./state-files.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sluice-files-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("the state directory", () => {
  it("is private, and so is every file in it", () => {
    const inner = join(directory, "state");
    makePrivateDirectory(inner);
    replaceFile(join(inner, "a"), "x");
    expect(statSync(inner).mode & 0o777).toBe(0o700);
    expect(statSync(join(inner, "a")).mode & 0o777).toBe(0o600);
  });

  it("replaces a file whole, and leaves nothing beside it", () => {
    const path = join(directory, "a");
    replaceFile(path, "old and long");
    replaceFile(path, "new");
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(existsSync(`${path}.new`)).toBe(false);
    expect(readIfThere(join(directory, "none"))).toBeUndefined();
  });

  it("keeps one key for life", () => {
    const first = enrolmentStore(directory).key();
    expect(enrolmentStore(directory).key().equals(first)).toBe(true);
  });

  it("refuses an enrolment that is not what was written, instead of enrolling again", () => {
    writeFileSync(join(directory, "enrolment.json"), "{}");
    expect(() => enrolmentStore(directory).enrolment()).toThrow();
  });

  it("keeps the version floor when the bundle is wiped", () => {
    const store = bundleStore(directory);
    expect(store.floor()).toEqual({ version: 0, digest: "" });
    store.save(Buffer.from("envelope"), { version: 4, digest: "d" });
    store.wipe();
    expect(store.envelope()).toBeUndefined();
    expect(store.floor()).toEqual({ version: 4, digest: "d" });
  });
});

describe("fresh revocations", () => {
  it("forget the oldest beyond their bound, never the newest", () => {
    const fresh = freshRevocations();
    for (let count = 0; count < 10_001; count += 1) fresh.add({ kind: "token", value: `t${count}`, reason: "" }, count);
    expect([fresh.has("token", "t0"), fresh.has("token", "t1"), fresh.has("token", "t10000")]).toEqual([
      false,
      true,
      true,
    ]);
  });
});
