import { generateSigningKey, issueAccessToken, tokenAudience, tokenIssuer, tokenKeyEntry } from "@sluice/bundle";
import { manualClock, unwrap } from "@sluice/kernel";
import { describe, expect, it } from "vitest";
import { loadBundle } from "../control/load-bundle.ts";
import { createSite } from "../control/site-state.ts";
import { bundleContent } from "../control/test-site.fixture.ts";
import { createAccessTokenVerifier } from "./access-token.ts";

const key = generateSigningKey();
const clock = manualClock(1_760_000_000_000);
const now = 1_760_000_000;
const content = bundleContent({
  expiresAtMs: clock.now() + 60_000,
  tokenKeys: [tokenKeyEntry(key.privateKey)],
  revokedTokens: ["gone"],
  lockedPrincipals: ['User::"eve"'],
  entities: [...bundleContent().entities, { uid: { type: "User", id: "eve" }, attrs: {}, parents: [] }],
});
const site = createSite(clock);
const verify = createAccessTokenVerifier(site, clock);
site.swap(unwrap(loadBundle({ content, digest: "d" })));

const good = {
  iss: tokenIssuer(content.orgId),
  aud: tokenAudience(content.siteId),
  sub: "User:ana",
  jti: "t1",
  iat: now - 10,
  exp: now + 600,
};
const forAna = { ...good, act: { sub: "Agent:copilot" } };

async function code(claims: typeof good & { act?: { sub: string }; nbf?: number }, user: string): Promise<string> {
  const result = await verify(issueAccessToken(claims, key.privateKey), user);
  return result.ok ? "accepted" : result.error.code;
}

describe("an access token", () => {
  it("proves a person", async () => {
    const identity = unwrap(await verify(issueAccessToken(good, key.privateKey), "ana"));
    expect(identity).toMatchObject({ principal: { name: "ana" }, tokenId: "t1", expiresAtMs: (now + 600) * 1_000 });
    expect(identity.onBehalfOf).toBeUndefined();
  });

  it("proves an agent with the person it acts for", async () => {
    const identity = unwrap(await verify(issueAccessToken(forAna, key.privateKey), "copilot"));
    expect(identity).toMatchObject({ principal: { name: "copilot" }, onBehalfOf: { name: "ana" } });
    expect(await code({ ...good, sub: "Agent:batch" }, "batch")).toBe("accepted");
  });

  it.each([
    ["identity.user_mismatch", good, "copilot"],
    ["identity.user_mismatch", forAna, "ana"],
    ["identity.wrong_org", { ...good, iss: "sluice:other" }, "ana"],
    ["identity.wrong_site", { ...good, aud: "sluice:site:other" }, "ana"],
    ["identity.expired", { ...good, exp: now }, "ana"],
    ["identity.not_yet_valid", { ...good, nbf: now + 31 }, "ana"],
    ["identity.not_yet_valid", { ...good, iat: now + 31 }, "ana"],
    ["identity.revoked", { ...good, jti: "gone" }, "ana"],
    ["identity.unknown_principal", { ...good, sub: "User:nobody" }, "nobody"],
    ["identity.locked", { ...good, sub: "User:eve", act: { sub: "Agent:copilot" } }, "copilot"],
    ["identity.locked", { ...good, sub: "User:eve" }, "eve"],
    ["identity.malformed", { ...good, act: { sub: "User:ana" } }, "ana"],
  ])("is refused as %s: %o as %s", async (expected, claims, user) => {
    expect(await code(claims, user)).toBe(expected);
  });

  it("does not let an agent that acts for a person act alone, nor one that acts for nobody borrow one", async () => {
    expect(await code({ ...good, sub: "Agent:copilot" }, "copilot")).toBe("identity.unknown_principal");
    expect(await code({ ...good, act: { sub: "Agent:batch" } }, "batch")).toBe("identity.unknown_principal");
  });

  it("is refused under another key, and when it is no token", async () => {
    const other = await verify(issueAccessToken(good, generateSigningKey().privateKey), "ana");
    expect(other.ok ? "" : other.error.code).toBe("identity.unknown_key");
    const none = await verify("secret", "ana");
    expect(none.ok ? "" : none.error.code).toBe("identity.malformed");
  });

  it("is refused from the moment of its revocation on, until a bundle built later says otherwise", async () => {
    const own = createSite(clock);
    const check = createAccessTokenVerifier(own, clock);
    const token = issueAccessToken(forAna, key.privateKey);
    own.swap(unwrap(loadBundle({ content: { ...content, builtAtMs: clock.now() }, digest: "d" })));
    own.revoke({ kind: "principal", value: 'User::"ana"', reason: "left" });
    const locked = await check(token, "copilot");
    expect(locked.ok ? "" : locked.error.code).toBe("identity.locked");
    own.swap(unwrap(loadBundle({ content: { ...content, builtAtMs: clock.now() - 1 }, digest: "e" })));
    expect((await check(token, "copilot")).ok).toBe(false);
    own.swap(unwrap(loadBundle({ content: { ...content, builtAtMs: clock.now() + 1 }, digest: "f" })));
    expect((await check(token, "copilot")).ok).toBe(true);
    own.revoke({ kind: "token", value: "t1", reason: "lost" });
    const revoked = await check(token, "copilot");
    expect(revoked.ok ? "" : revoked.error.code).toBe("identity.revoked");
  });

  it("is not believed when there is no bundle in force", async () => {
    const empty = createAccessTokenVerifier(createSite(clock), clock);
    expect((await empty(issueAccessToken(good, key.privateKey), "ana")).ok).toBe(false);
  });
});
