import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestOrg, type TestOrg } from "../../../provision/test-org.ts";
import type { OrgScope } from "../../../server/scope.ts";
import { updateConnectionInputSchema } from "../schemas.ts";
import { saveConnection } from "./save-connection.ts";

let org: TestOrg;
let scope: OrgScope;
beforeAll(async () => {
  org = await openTestOrg();
  const cy = await org.data.tx((tx) => tx.member.findFirstOrThrow({ where: { handle: "cy" } }));
  scope = {
    org: { id: org.answer.orgId, slug: org.slug, name: "Acme", origin: "http://localhost" },
    actor: { memberId: cy.id, handle: "cy", name: cy.name, email: cy.email, role: "admin", groups: ["admins"] },
    data: org.data,
  };
});
afterAll(() => org[Symbol.asyncDispose]());

const stored = () => org.data.tx((tx) => tx.identityConnection.findFirstOrThrow());

test("a stored client secret goes to no other issuer than the one it was given for", async () => {
  const before = await stored();
  const { clientId, id, issuer, name } = before;
  const fields = { id, name, clientId, enabled: true, trustsEmail: false };
  const moved = { ...fields, issuer: "https://collector.example" };
  expect(await saveConnection(org.deps, scope, moved)).toMatchObject({ ok: false, error: { code: "request.invalid" } });
  expect(await stored()).toEqual(before);
  expect(await saveConnection(org.deps, scope, { ...fields, name: "Renamed", issuer })).toMatchObject({ ok: true });
  expect((await stored()).sealedSecret).toEqual(before.sealedSecret);
  const anew = await saveConnection(org.deps, scope, { ...moved, clientSecret: "of the other provider" });
  expect(anew).toMatchObject({ ok: true, value: { issuer: moved.issuer } });
  expect((await stored()).sealedSecret).not.toEqual(before.sealedSecret);
});

test.each(["javascript:alert(1)//", "data:text/html,x", "file:///etc/passwd", "ftp://login.example"])(
  "%s is no issuer",
  (issuer) => {
    const input = { name: "x", clientId: "x", clientSecret: "x", issuer };
    expect(updateConnectionInputSchema.safeParse(input).success).toBe(false);
  },
);
