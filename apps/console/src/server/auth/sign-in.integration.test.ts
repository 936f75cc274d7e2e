import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestOrg, type TestOrg } from "../../provision/test-org.ts";
import { admit } from "./admit.ts";
import { readApiToken } from "./api-tokens.ts";
import {
  beginSession,
  endSession,
  newSessionToken,
  readSession,
  SESSION_LIFETIME_MS,
  SESSIONS_PER_MEMBER_MAX,
  sessionStillLives,
} from "./sessions.ts";

const issuer = { issuer: "https://login.example", trustsEmail: false };
let org: TestOrg;
let other: TestOrg;

beforeAll(async () => {
  org = await openTestOrg();
  other = await openTestOrg();
});
afterAll(async () => {
  await org[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

async function memberId(handle: string): Promise<string> {
  return (await org.data.tx((tx) => tx.member.findFirstOrThrow({ where: { handle } }))).id;
}

describe("who may come in", () => {
  test("a member comes in by verified e-mail, whatever its case, and from then on by subject alone", async () => {
    const id = await memberId("ana");
    const first = await admit(org.data, issuer, { sub: "s-ana", email: "Ana@Acme.Test", email_verified: true });
    expect(first).toEqual({ ok: true, value: { memberId: id } });
    const later = await admit(org.data, issuer, { sub: "s-ana", email: "renamed@acme.test" });
    expect(later).toEqual({ ok: true, value: { memberId: id } });
  });

  test("a second subject with the same e-mail does not take the member over, nor does another issuer", async () => {
    const refused = { ok: false, error: { code: "signin.unknown_person" } };
    const claims = { sub: "s-thief", email: "ana@acme.test", email_verified: true };
    expect(await admit(org.data, issuer, claims)).toMatchObject(refused);
    expect(
      await admit(org.data, { ...issuer, issuer: "https://other.example" }, { ...claims, sub: "s-ana" }),
    ).toMatchObject(refused);
  });

  test.each([
    ["nobody's e-mail", { sub: "x", email: "nobody@acme.test" }, "signin.unknown_person"],
    ["an unverified e-mail", { sub: "x", email: "bo@acme.test", email_verified: false }, "signin.email_unverified"],
    [
      "an unverified e-mail, as text",
      { sub: "x", email: "bo@acme.test", email_verified: "false" },
      "signin.email_unverified",
    ],
    ["an e-mail that nobody says was verified", { sub: "x", email: "bo@acme.test" }, "signin.email_unverified"],
    [
      "a pattern that fits somebody's",
      { sub: "x", email: "_o@acme.test", email_verified: true },
      "signin.unknown_person",
    ],
    ["a pattern that fits all", { sub: "x", email: "%", email_verified: true }, "signin.unknown_person"],
    ["an escaped address", { sub: "x", email: "b\\o@acme.test", email_verified: true }, "signin.unknown_person"],
    ["no e-mail", { sub: "x" }, "signin.bad_claims"],
    ["no subject", { email: "bo@acme.test" }, "signin.bad_claims"],
    ["no claims", undefined, "signin.bad_claims"],
  ])("refused: %s", async (_, claims, code) => {
    expect(await admit(org.data, issuer, claims)).toMatchObject({ ok: false, error: { code } });
  });

  test("an issuer that an admin vouches for need not say that it verified an e-mail, but may not deny it", async () => {
    const vouched = { issuer: "https://vouched.example", trustsEmail: true };
    const claims = { sub: "s-bo-2", email: "bo@acme.test" };
    expect(await admit(org.data, vouched, { ...claims, email_verified: false })).toMatchObject({
      ok: false,
      error: { code: "signin.email_unverified" },
    });
    const id = await memberId("bo");
    expect(await admit(org.data, vouched, claims)).toEqual({ ok: true, value: { memberId: id } });
    await org.data.tx((tx) => tx.member.update({ where: { id }, data: { issuer: null, subject: null } }));
  });

  test("a locked member is refused and is not bound to the subject", async () => {
    const id = await memberId("bo");
    await org.data.tx((tx) => tx.member.update({ where: { id }, data: { lockedAt: new Date() } }));
    const claims = { sub: "s-bo", email: "bo@acme.test", email_verified: true };
    expect(await admit(org.data, issuer, claims)).toMatchObject({ ok: false, error: { code: "signin.locked" } });
    const bo = await org.data.tx((tx) => tx.member.update({ where: { id }, data: { lockedAt: null } }));
    expect(bo.subject).toBeNull();
  });
});

describe("a session", () => {
  test("proves its member until it is ended", async () => {
    const token = newSessionToken();
    await beginSession(org.data, org.deps.clock, await memberId("cy"), token);
    const session = await readSession(org.data, org.deps.clock, token);
    if (!session) throw new Error("it proves nobody");
    expect(session.actor).toMatchObject({ handle: "cy", role: "admin", groups: ["admins"] });
    expect(await sessionStillLives(org.data, org.deps.clock, session)).toBe(true);
    await endSession(org.data, token);
    expect(await readSession(org.data, org.deps.clock, token)).toBeUndefined();
    expect(await sessionStillLives(org.data, org.deps.clock, session)).toBe(false);
  });

  test("does not carry an open stream beyond a change of its member's role or groups", async () => {
    const id = await memberId("bo");
    const token = newSessionToken();
    await beginSession(org.data, org.deps.clock, id, token);
    const session = await readSession(org.data, org.deps.clock, token);
    if (!session) throw new Error("it proves nobody");
    const lives = () => sessionStillLives(org.data, org.deps.clock, session);
    expect(await lives()).toBe(true);
    await org.data.tx((tx) => tx.member.update({ where: { id }, data: { role: "engineer" } }));
    expect(await lives()).toBe(false);
    await org.data.tx((tx) => tx.member.update({ where: { id }, data: { role: session.actor.role } }));
    expect(await lives()).toBe(true);
    await org.data.tx((tx) => tx.groupMember.deleteMany({ where: { memberId: id } }));
    expect(await lives()).toBe(false);
  });

  test("means nothing in another org", async () => {
    const token = newSessionToken();
    await beginSession(org.data, org.deps.clock, await memberId("cy"), token);
    expect(await readSession(other.data, org.deps.clock, token)).toBeUndefined();
  });

  test("ends after its lifetime whatever is done with it, and at once when its member is locked", async () => {
    const id = await memberId("cy");
    const token = newSessionToken();
    await beginSession(org.data, org.deps.clock, id, token);
    await org.data.tx((tx) => tx.member.update({ where: { id }, data: { lockedAt: new Date() } }));
    expect(await readSession(org.data, org.deps.clock, token)).toBeUndefined();
    await org.data.tx((tx) => tx.member.update({ where: { id }, data: { lockedAt: null } }));
    expect(await readSession(org.data, org.deps.clock, token)).toBeDefined();
    org.deps.clock.advance(SESSION_LIFETIME_MS);
    expect(await readSession(org.data, org.deps.clock, token)).toBeUndefined();
  });

  test("of a member who begins too many ends with the oldest first", async () => {
    const id = await memberId("ana");
    const tokens: string[] = [];
    for (let at = 0; at <= SESSIONS_PER_MEMBER_MAX; at += 1) {
      const token = newSessionToken();
      await beginSession(org.data, org.deps.clock, id, token);
      tokens.push(token);
    }
    expect(await readSession(org.data, org.deps.clock, tokens[0])).toBeUndefined();
    expect(await readSession(org.data, org.deps.clock, tokens.at(-1))).toBeDefined();
    expect(await org.data.tx((tx) => tx.authSession.count({ where: { memberId: id } }))).toBe(SESSIONS_PER_MEMBER_MAX);
  });

  test.each(["", "x", "../../etc", "a".repeat(10_000)])("is not begun by text that is no token", async (token) => {
    expect(await readSession(org.data, org.deps.clock, token)).toBeUndefined();
  });
});

test("an API token proves its member until it is revoked", async () => {
  const token = other.answer.people["cy"]?.apiToken ?? "";
  expect(await readApiToken(other.data, other.deps.clock, token)).toMatchObject({ handle: "cy" });
  expect(await readApiToken(org.data, other.deps.clock, token)).toBeUndefined();
  await other.data.tx((tx) => tx.apiToken.updateMany({ data: { revokedAt: new Date() } }));
  expect(await readApiToken(other.data, other.deps.clock, token)).toBeUndefined();
});
