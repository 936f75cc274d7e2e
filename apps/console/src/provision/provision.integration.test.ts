import { createPublicKey } from "node:crypto";
import { openAccessToken, publicKeyFromRaw, verifyBundle } from "@sluice/bundle";
import { canonicalJson, unwrap } from "@sluice/kernel";
import { chainHead, verifyHead } from "@sluice/ledger";
import { load } from "@sluice/policy-engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildBundles, LEASE_MS } from "../features/bundles/index.ts";
import { provision } from "./provision.ts";
import { openTestOrg, type TestOrg } from "./test-org.ts";

let org: TestOrg;
beforeAll(async () => {
  org = await openTestOrg();
});
afterAll(async () => {
  await org?.[Symbol.asyncDispose]();
});
const bundleKey = () =>
  org.data.tx(async (tx) => (await tx.signingKey.findFirstOrThrow({ where: { purpose: "bundle" } })).publicKey);
const newestBundle = () => org.data.tx((tx) => tx.bundle.findFirstOrThrow({ orderBy: { version: "desc" } }));
const opened = async () => {
  const trust = {
    bundleKey: await bundleKey(),
    orgId: org.answer.orgId,
    siteId: org.answer.siteId,
    versionFloor: 0,
    nowMs: org.deps.clock.now(),
  };
  return unwrap(verifyBundle((await newestBundle()).envelope, trust)).content;
};

describe("provisioning", () => {
  test("stores a bundle that the enforcer's own verifier accepts and its engine loads", async () => {
    const content = await opened();
    expect(content.version).toBe(1);
    expect(unwrap(load(content.policies)).policyCount).toBeGreaterThan(5);
    const uids = content.entities.map(({ uid }) => `${uid.type}::${uid.id}`);
    expect(uids).toEqual(
      expect.arrayContaining([
        "User::ana",
        "Agent::copilot",
        "Group::approvers",
        `Site::${org.slug}/main`,
        "Database::shop",
      ]),
    );
    expect(content.resources).toMatchObject([{ name: "shop", upstream: { credentialRef: "SHOP" } }]);
    expect(content.columnClasses).toContainEqual(expect.objectContaining({ column: "email", classes: ["email"] }));
    expect(content.workflows).toEqual([{ name: "production-change", timeoutMs: 300_000 }]);
    expect(content.expiresAtMs - content.builtAtMs).toBe(LEASE_MS);
  });

  test("issues tokens that the bundle's keys prove: ana herself, copilot for ana", async () => {
    const content = await opened();
    const keys = new Map(content.tokenKeys.map(({ kid, jwk }) => [kid, createPublicKey({ key: jwk, format: "jwk" })]));
    const claims = (token: string) => unwrap(openAccessToken(token, (kid) => keys.get(kid)));
    expect(claims(org.answer.people["ana"]?.accessToken ?? "")).toMatchObject({
      iss: `sluice:${org.answer.orgId}`,
      aud: `sluice:site:${org.answer.siteId}`,
      sub: "User:ana",
    });
    expect(claims(org.answer.agents["copilot"]?.accessToken ?? "")).toMatchObject({
      sub: "User:ana",
      act: { sub: "Agent:copilot" },
    });
  });

  test("is safe to run again: the same ids, no second bundle, new tokens", async () => {
    const again = await provision({ owner: org.owner, app: org.db }, org.deps, org.request);
    expect(again.orgId).toBe(org.answer.orgId);
    expect(again.people["ana"]?.id).toBe(org.answer.people["ana"]?.id);
    expect(again.people["ana"]?.accessToken).not.toBe(org.answer.people["ana"]?.accessToken);
    expect((await newestBundle()).version).toBe(1);
  });

  test("leaves one signed chain of change records without a gap", async () => {
    const { heads, records, key } = await org.data.tx(async (tx) => ({
      heads: await tx.chainHead.findMany({ orderBy: { lastSeq: "asc" } }),
      records: await tx.record.findMany({ where: { kind: "change" }, orderBy: { seq: "asc" } }),
      key: publicKeyFromRaw((await tx.signingKey.findFirstOrThrow({ where: { purpose: "ledger" } })).publicKey),
    }));
    expect(records.length).toBeGreaterThan(8);
    expect(records.map(({ seq }) => Number(seq))).toEqual(records.map((_, index) => index + 1));
    let previous = new Uint8Array(32);
    for (const [index, head] of heads.entries()) {
      expect(Buffer.from(head.previous).equals(previous)).toBe(true);
      const line = Buffer.from(`${canonicalJson(records[index]?.body)}\n`);
      expect(Buffer.from(head.head).equals(chainHead(previous, line))).toBe(true);
      const claim = { ...head, firstSeq: Number(head.firstSeq), lastSeq: Number(head.lastSeq) };
      expect(verifyHead(claim, head.signature, key)).toBe(true);
      previous = new Uint8Array(head.head);
    }
  });

  test("keeps private keys sealed and no token in the database", async () => {
    const { rows } = await org.data.sql((sql) =>
      sql.query(
        `SELECT (SELECT json_agg(t) FROM access_token t)::text || (SELECT json_agg(r) FROM record r)::text AS all`,
      ),
    );
    const text = JSON.stringify(rows);
    for (const { accessToken, apiToken } of Object.values(org.answer.people)) {
      expect(text).not.toContain(accessToken);
      expect(text).not.toContain(apiToken);
    }
    expect(text).not.toContain(org.answer.enrolToken);
  });
});

describe("building bundles", () => {
  const build = (cause: "renewal" | "member") =>
    org.data.tx((tx) => buildBundles(tx, org.deps, org.answer.orgId, cause));

  test("stores nothing when nothing changed and the lease is fresh", async () => {
    expect(await build("renewal")).toEqual([]);
  });

  test("numbers without a gap when several build at once", async () => {
    const before = (await newestBundle()).version;
    await Promise.all(
      [1, 2, 3].map((n) =>
        org.data.tx(async (tx) => {
          await tx.principalGroup.create({ data: { orgId: org.answer.orgId, name: `group-${n}` } });
          await buildBundles(tx, org.deps, org.answer.orgId, "group");
        }),
      ),
    );
    expect((await newestBundle()).version).toBe(before + 3);
    expect((await opened()).entities.filter(({ uid }) => uid.id.startsWith("group-")).length).toBe(3);
  });

  test("renews an unchanged bundle when half of its lease is over", async () => {
    const before = (await newestBundle()).version;
    org.deps.clock.advance(LEASE_MS / 2 + 1);
    expect(await build("renewal")).toMatchObject([{ version: before + 1 }]);
    expect(await build("renewal")).toEqual([]);
  });

  test("carries locks, removals and revoked tokens", async () => {
    await org.data.tx(async (tx) => {
      await tx.member.update({ where: { id: org.answer.people["bo"]?.id ?? "" }, data: { lockedAt: new Date() } });
      await tx.agent.updateMany({ data: { status: "removed" } });
      await tx.accessToken.updateMany({ data: { revokedAt: new Date(org.deps.clock.now()) } });
      await buildBundles(tx, org.deps, org.answer.orgId, "member");
    });
    const content = await opened();
    expect(content.lockedPrincipals).toEqual(['User::"bo"', 'Agent::"copilot"']);
    expect(content.entities.some(({ uid }) => uid.type === "Agent")).toBe(false);
  });
});
