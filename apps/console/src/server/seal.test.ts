import { randomBytes } from "node:crypto";
import { Secret } from "@sluice/kernel";
import { expect, test } from "vitest";
import { sealerWith } from "./seal.ts";

const key = () => new Secret(new Uint8Array(randomBytes(32)));
const sealer = sealerWith(key());
const plain = new TextEncoder().encode("client secret");

test("what was sealed opens again at the same place, and never reads as the plain text", () => {
  const sealed = sealer.seal(plain, "a:1");
  expect(Buffer.from(sealed).includes("client secret")).toBe(false);
  expect(sealer.open(sealed, "a:1")).toEqual({ ok: true, value: plain });
});

test("sealing twice gives two different values", () => {
  expect(sealer.seal(plain, "a:1")).not.toEqual(sealer.seal(plain, "a:1"));
});

test("it does not open at another place, with another key, cut short, or with any one byte changed", () => {
  const sealed = sealer.seal(plain, "a:1");
  const refused = { ok: false, error: { code: "seal.unreadable" } };
  expect(sealer.open(sealed, "a:2")).toMatchObject(refused);
  expect(sealerWith(key()).open(sealed, "a:1")).toMatchObject(refused);
  expect(sealer.open(sealed.subarray(0, 20), "a:1")).toMatchObject(refused);
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = sealed.map((byte, index) => (index === at ? byte ^ 1 : byte));
    expect(sealer.open(changed, "a:1")).toMatchObject(refused);
  }
});
