import { expect, test } from "vitest";
import { generateSigningKey, rawPublicKey } from "./keys.ts";
import { SHADOW_BYTES_MAX, type ShadowTrust, signShadow, verifyShadow } from "./shadow.ts";
import { verifyBundle } from "./verify.ts";

const { privateKey } = generateSigningKey();
const content = {
  orgId: "0193a000-0000-7000-8000-000000000001",
  siteId: "0193a000-0000-7000-8000-000000000002",
  runId: "0193a000-0000-7000-8000-000000000003",
  version: 4,
  builtAtMs: 1_000,
  expiresAtMs: 2_000,
  schemaVersion: 1,
  policies: { guardrails: {}, access: {}, obligations: {} },
};
const trust: ShadowTrust = {
  bundleKey: rawPublicKey(privateKey),
  orgId: content.orgId,
  siteId: content.siteId,
  versionFloor: 4,
  nowMs: 1_500,
};
const { envelope, digest } = signShadow(content, privateKey);
const refusal = (changed: Partial<ShadowTrust>, bytes = envelope) => {
  const verified = verifyShadow(bytes, { ...trust, ...changed });
  return verified.ok ? undefined : verified.error.code;
};

test("a candidate verifies for its org, site and time, again and again", () => {
  for (let count = 0; count < 2; count += 1) {
    expect(verifyShadow(envelope, trust)).toMatchObject({ ok: true, value: { digest, content } });
  }
});

test.each([
  ["of another key", { bundleKey: rawPublicKey(generateSigningKey().privateKey) }, "bundle.unknown_key"],
  ["of another org", { orgId: content.siteId }, "bundle.wrong_org"],
  ["of another site", { siteId: content.orgId }, "bundle.wrong_site"],
  ["older than one that ran", { versionFloor: 5 }, "bundle.rollback"],
  ["whose run is over", { nowMs: 2_000 }, "bundle.expired"],
] as const)("a candidate %s is refused by name", (_, changed, code) => {
  expect(refusal(changed)).toBe(code);
});

test("a candidate is never a bundle, whatever label stands on its envelope, and a larger one is not even parsed", () => {
  const asBundle = { ...trust, versionFloor: 0 };
  expect(verifyBundle(envelope, asBundle)).toMatchObject({ ok: false, error: { code: "bundle.unknown_format" } });
  const text = Buffer.from(envelope).toString("utf8");
  const relabelled = Buffer.from(text.replace("vnd.sluice.shadow.v1", "vnd.sluice.bundle.v1"), "utf8");
  expect(verifyBundle(relabelled, asBundle)).toMatchObject({ ok: false, error: { code: "bundle.bad_signature" } });
  expect(refusal({}, new Uint8Array(SHADOW_BYTES_MAX + 1))).toBe("bundle.bad_format");
});
