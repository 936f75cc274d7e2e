import { createPublicKey } from "node:crypto";
import { unwrap } from "@sluice/kernel";
import { describe, expect, it } from "vitest";
import {
  type AccessTokenClaims,
  issueAccessToken,
  openAccessToken,
  tokenAudience,
  tokenIssuer,
  tokenKeyEntry,
} from "./access-token.ts";
import { generateSigningKey } from "./keys.ts";

const { privateKey, publicKey } = generateSigningKey();
const entry = tokenKeyEntry(privateKey);
const keyOf = (kid: string) => (kid === entry.kid ? publicKey : undefined);
const claims: AccessTokenClaims = {
  iss: tokenIssuer("acme-id"),
  aud: tokenAudience("main-id"),
  sub: "User:ana",
  act: { sub: "Agent:copilot" },
  jti: "t1",
  iat: 1_760_000_000,
  exp: 1_760_000_900,
};
const token = issueAccessToken(claims, privateKey);

function code(text: string): string {
  const opened = openAccessToken(text, keyOf);
  return opened.ok ? "opened" : opened.error.code;
}

function withHeader(header: object): string {
  const [, body, signature] = token.split(".");
  return `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${body}.${signature}`;
}

describe("an access token", () => {
  it("gives its claims back under the key that signed it", () => {
    expect(unwrap(openAccessToken(token, keyOf))).toEqual(claims);
  });

  it("opens with the key as a bundle carries it", () => {
    const key = createPublicKey({ key: entry.jwk, format: "jwk" });
    expect(openAccessToken(token, () => key).ok).toBe(true);
    expect(JSON.stringify(entry)).not.toContain('"d"');
  });

  it("is refused when any character is changed", () => {
    for (let at = 0; at < token.length - 1; at += 7) {
      const changed = `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
      expect(code(changed)).not.toBe("opened");
    }
  });

  it.each([
    [{ alg: "none", typ: "JWT", kid: entry.kid }],
    [{ alg: "HS256", typ: "JWT", kid: entry.kid }],
    [{ alg: "EdDSA", typ: "JWT", kid: entry.kid, jwk: entry.jwk }],
    [{ alg: "EdDSA", typ: "JWT", kid: entry.kid, crit: ["b64"] }],
  ])("is refused with the header %o", (header) => {
    expect(code(withHeader(header))).toBe("token.malformed");
  });

  it("is refused by name when its key is unknown", () => {
    expect(code(issueAccessToken(claims, generateSigningKey().privateKey))).toBe("token.unknown_key");
  });

  it.each([[""], ["a.b"], ["a.b.c.d"], ["..."], ["x".repeat(5_000)]])("is refused as malformed: %s", (text) => {
    expect(code(text)).toBe("token.malformed");
  });

  it("is never issued with claims that no enforcer would read", () => {
    expect(() => issueAccessToken({ ...claims, sub: "ana" }, privateKey)).toThrow();
  });
});
