import { createHash, sign } from "node:crypto";
import { canonicalJson, unwrap } from "@sluice/kernel";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BUNDLE_FORMAT, type BundleContent } from "./content.ts";
import { BUNDLE_PAYLOAD_TYPE, preAuthEncoding } from "./envelope.ts";
import { generateSigningKey, keyIdOf, publicKeyFromRaw, rawPublicKey } from "./keys.ts";
import { bundleDigest, signBundle } from "./sign.ts";
import { type BundleTrust, verifyBundle } from "./verify.ts";

const ORG = "0193a000-0000-7000-8000-000000000001";
const SITE = "0193a000-0000-7000-8000-000000000002";
const NOW = 1_760_000_000_000;
const { privateKey, publicKey } = generateSigningKey();

const content: BundleContent = {
  format: BUNDLE_FORMAT,
  orgId: ORG,
  orgSlug: "acme",
  siteId: SITE,
  version: 7,
  policyVersion: 3,
  builtAtMs: NOW - 1_000,
  expiresAtMs: NOW + 60_000,
  schemaVersion: 1,
  policies: { guardrails: {}, access: {}, obligations: {} },
  entities: [],
  dataClasses: [{ name: "email", strategy: "partial" }],
  columnClasses: [],
  resources: [],
  tokenKeys: [],
  revokedTokens: [],
  lockedPrincipals: [],
  workflows: [],
  maskKey: "",
};
const trust: BundleTrust = {
  bundleKey: rawPublicKey(publicKey),
  orgId: ORG,
  siteId: SITE,
  versionFloor: 7,
  nowMs: NOW,
};

function signRaw(payload: string, payloadType = BUNDLE_PAYLOAD_TYPE): Uint8Array {
  const bytes = Buffer.from(payload);
  const sig = sign(null, preAuthEncoding(payloadType, bytes), privateKey).toString("base64");
  const signatures = [{ keyid: keyIdOf(publicKey), sig }];
  return Buffer.from(JSON.stringify({ payloadType, payload: bytes.toString("base64"), signatures }));
}

function refusal(bytes: Uint8Array, changed: Partial<BundleTrust> = {}): string {
  const result = verifyBundle(bytes, { ...trust, ...changed });
  return result.ok ? "accepted" : result.error.code;
}

describe("a signed bundle", () => {
  const signed = signBundle(content, privateKey);

  it("is accepted by the site it was made for and gives its content and digest back", () => {
    const verified = unwrap(verifyBundle(signed.envelope, trust));
    expect(verified.content).toEqual(content);
    expect(verified.digest).toBe(signed.digest);
    expect(verified.digest).toBe(bundleDigest(content));
  });

  it("has the same bytes whatever the order in which its content was built", () => {
    const reversed = Object.fromEntries(Object.entries(content).reverse());
    expect(signBundle({ ...content, ...reversed }, privateKey)).toEqual(signed);
  });

  it("carries the digest of its exact payload", () => {
    const payload = Buffer.from(JSON.parse(Buffer.from(signed.envelope).toString()).payload, "base64");
    expect(createHash("sha256").update(payload).digest("hex")).toBe(signed.digest);
    expect(payload.toString()).toBe(canonicalJson(content));
  });

  it.each([
    ["bundle.wrong_org", { orgId: SITE }],
    ["bundle.wrong_site", { siteId: ORG }],
    ["bundle.rollback", { versionFloor: 8 }],
    ["bundle.rollback", { floorDigest: "0".repeat(64) }],
    ["bundle.expired", { nowMs: NOW + 60_000 }],
    ["bundle.unknown_key", { bundleKey: rawPublicKey(generateSigningKey().publicKey) }],
  ] as const)("is refused as %s where %o is trusted instead", (code, changed) => {
    expect(refusal(signed.envelope, changed)).toBe(code);
  });

  it("is refused as a bad signature when another key signs under the trusted key's name", () => {
    const forged = JSON.parse(Buffer.from(signBundle(content, generateSigningKey().privateKey).envelope).toString());
    forged.signatures[0].keyid = keyIdOf(publicKey);
    expect(refusal(Buffer.from(JSON.stringify(forged)))).toBe("bundle.bad_signature");
  });

  it("is refused when it is of another format or type, even well signed", () => {
    expect(refusal(signRaw(canonicalJson({ ...content, format: "sluice.bundle.v2" })))).toBe("bundle.unknown_format");
    expect(refusal(signRaw(canonicalJson(content), "application/other"))).toBe("bundle.unknown_format");
  });

  it("is refused when well-signed content does not have the form", () => {
    expect(refusal(signRaw(canonicalJson({ ...content, version: -1 })))).toBe("bundle.bad_format");
    expect(refusal(signRaw("not json"))).toBe("bundle.unknown_format");
  });

  it("is never accepted, and never throws, with any one byte changed", () => {
    fc.assert(
      fc.property(fc.nat(signed.envelope.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Buffer.from(signed.envelope);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        expect(refusal(bytes)).not.toBe("accepted");
      }),
      { numRuns: 300 },
    );
  });

  it("never throws on arbitrary bytes", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => refusal(bytes) === "bundle.bad_format"));
  });
});

describe("keys", () => {
  it("come back from their raw bytes", () => {
    expect(publicKeyFromRaw(rawPublicKey(privateKey)).equals(publicKey)).toBe(true);
    expect(() => publicKeyFromRaw(new Uint8Array(31))).toThrow(TypeError);
  });
});
