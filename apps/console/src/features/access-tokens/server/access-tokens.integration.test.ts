import { createPublicKey } from "node:crypto";
import { bundleContentSchema, envelopeSchema, openAccessToken } from "@sluice/bundle";
import { unwrap } from "@sluice/kernel";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestOrg, type TestOrg } from "../../../provision/test-org.ts";
import { changeOrg } from "../../bundles/index.ts";
import { systemActor } from "../../records/index.ts";
import { issueAccessToken, TOKEN_S_MAX, type TokenWish } from "./issue-access-token.ts";
import { revokeAccessToken } from "./revoke-access-token.ts";

let org: TestOrg;
let other: TestOrg;
beforeAll(async () => {
  org = await openTestOrg();
  other = await openTestOrg();
});
afterAll(async () => {
  await org?.[Symbol.asyncDispose]();
  await other?.[Symbol.asyncDispose]();
});
const ana = () => ({ type: "User" as const, memberId: org.answer.people["ana"]?.id ?? "" });
const copilot = () => ({ type: "Agent" as const, agentId: org.answer.agents["copilot"]?.id ?? "" });
const issue = (principal: TokenWish["principal"], fields: Partial<TokenWish> = {}) =>
  issueAccessToken(org.deps, org.data, systemActor, { siteId: org.answer.siteId, principal, name: "test", ...fields });
const newestContent = async () => {
  const { envelope } = await org.data.tx((tx) => tx.bundle.findFirstOrThrow({ orderBy: { version: "desc" } }));
  const { payload } = envelopeSchema.parse(JSON.parse(Buffer.from(envelope).toString("utf8")));
  return bundleContentSchema.parse(JSON.parse(Buffer.from(payload, "base64").toString("utf8")));
};
const claimsOf = async (token: string) => {
  const { tokenKeys } = await newestContent();
  const keys = new Map(tokenKeys.map(({ kid, jwk }) => [kid, createPublicKey({ key: jwk, format: "jwk" })]));
  return unwrap(openAccessToken(token, (kid) => keys.get(kid)));
};

describe("an access token", () => {
  test("lives eight hours unless said otherwise, names its row, and is bound to org and site", async () => {
    const issued = unwrap(await issue(ana()));
    const claims = await claimsOf(issued.token.reveal());
    expect(claims).toMatchObject({ sub: "User:ana", jti: issued.id, iss: `sluice:${org.answer.orgId}` });
    expect(claims.exp - claims.iat).toBe(28_800);
    expect(issued.user).toBe("ana");
    expect(String(issued.token)).toBe("[secret]");
  });

  test("of an agent carries the person it acts for and the agent", async () => {
    const issued = unwrap(await issue(copilot(), { lifetimeS: 60 }));
    expect(await claimsOf(issued.token.reveal())).toMatchObject({ sub: "User:ana", act: { sub: "Agent:copilot" } });
    expect(issued.user).toBe("copilot");
  });

  test("is not issued for more than a day, for another org's people or site", async () => {
    expect(await issue(ana(), { lifetimeS: TOKEN_S_MAX + 1 })).toMatchObject({
      error: { code: "access_token.too_long" },
    });
    const stranger = { type: "User" as const, memberId: other.answer.people["ana"]?.id ?? "" };
    expect(await issue(stranger)).toMatchObject({ error: { code: "request.not_found" } });
    expect(await issue(ana(), { siteId: other.answer.siteId })).toMatchObject({ error: { code: "request.not_found" } });
  });

  test("is not issued to somebody locked, nor to an agent whose person is locked", async () => {
    const where = { handle: "ana" };
    await org.data.tx((tx) => tx.member.updateMany({ where, data: { lockedAt: new Date() } }));
    expect(await issue(ana())).toMatchObject({ error: { code: "access_token.locked" } });
    expect(await issue(copilot())).toMatchObject({ error: { code: "access_token.locked" } });
    await org.data.tx((tx) => tx.member.updateMany({ where, data: { lockedAt: null } }));
  });

  test("that is revoked stands in the next bundle; another's cannot be revoked by its owner's limits", async () => {
    const { id } = unwrap(await issue(ana()));
    const revoke = (onlyOf?: string[]) =>
      revokeAccessToken(org.deps, org.data, systemActor, { tokenId: id, ...(onlyOf ? { onlyOf } : {}) });
    expect(await revoke(["00000000-0000-0000-0000-000000000001"])).toMatchObject({
      error: { code: "request.not_found" },
    });
    expect(await revoke()).toMatchObject({ ok: true });
    expect(await revoke()).toMatchObject({ ok: true });
    expect((await newestContent()).revokedTokens).toContain(id);
    const elsewhere = await revokeAccessToken(other.deps, other.data, systemActor, { tokenId: id });
    expect(elsewhere).toMatchObject({ error: { code: "request.not_found" } });
  });
});

describe("changing an org", () => {
  test("that fails leaves neither the change, nor its record, nor a bundle, nor a wake-up", async () => {
    const state = () =>
      org.data.tx(async (tx) => ({
        groups: await tx.principalGroup.count(),
        records: await tx.record.count(),
        bundles: await tx.bundle.count(),
      }));
    const before = await state();
    org.woken.length = 0;
    const failing = changeOrg(org.deps, org.data, systemActor, async (tx, notes) => {
      await tx.principalGroup.create({ data: { orgId: org.answer.orgId, name: "never" } });
      notes.record({ action: "group.add", target: "never" });
      notes.rebuild("group");
      throw new Error("on purpose");
    });
    await expect(failing).rejects.toThrow("on purpose");
    expect(await state()).toEqual(before);
    expect(org.woken).toEqual([]);
  });

  test("by several at once leaves records without a gap", async () => {
    const add = (name: string) =>
      changeOrg(org.deps, org.data, systemActor, async (tx, notes) => {
        await tx.principalGroup.create({ data: { orgId: org.answer.orgId, name } });
        notes.record({ action: "group.add", target: name });
        notes.rebuild("group");
      });
    await Promise.all(["a", "b", "c", "d"].map(add));
    const records = await org.data.tx((tx) => tx.record.findMany({ orderBy: { seq: "asc" }, select: { seq: true } }));
    expect(records.map(({ seq }) => Number(seq))).toEqual(records.map((_, index) => index + 1));
  });
});
