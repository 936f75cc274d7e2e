import { afterAll, beforeAll, expect, test } from "vitest";
import { provision } from "../../../provision/provision.ts";
import { openTestOrg, type TestOrg } from "../../../provision/test-org.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { UpstreamReach } from "../schemas.ts";
import { readResource } from "./read-resource.ts";
import { saveUpstream } from "./save-upstream.ts";

let org: TestOrg;
let scope: OrgScope;
let id: string;
const pool = { enabled: true, idlePerIdentityMax: 2, idleMax: 20, idleMs: 30_000, ageMs: 300_000, usesMax: 100 };
const reach: UpstreamReach = {
  hosts: [
    { host: "db1.internal", port: 5432 },
    { host: "db2.internal", port: 6432 },
  ],
  targetSession: "read-write",
  loadBalance: false,
  connectTimeoutMs: 3_000,
  openAhead: false,
  pool,
};

beforeAll(async () => {
  org = await openTestOrg();
  const cy = await org.data.tx((tx) => tx.member.findFirstOrThrow({ where: { handle: "cy" } }));
  scope = {
    org: { id: org.answer.orgId, slug: org.slug, name: "Acme", origin: "http://localhost" },
    actor: { memberId: cy.id, handle: "cy", name: cy.name, email: cy.email, role: "admin", groups: ["admins"] },
    data: org.data,
  };
  id = (await org.data.tx((tx) => tx.resource.findFirstOrThrow())).id;
});
afterAll(() => org[Symbol.asyncDispose]());

const newestBundle = () => org.data.tx((tx) => tx.bundle.findFirstOrThrow({ orderBy: { version: "desc" } }));

test("hosts and pool are stored, recorded, shown, and in the next bundle as enforcers read them", async () => {
  const before = await newestBundle();
  expect(await saveUpstream(org.deps, scope, { id, ...reach })).toEqual({ ok: true, value: reach });
  const shown = await readResource(org.deps, scope, { id });
  expect(shown).toMatchObject({ ok: true, value: { upstream: { ...reach, database: "shop", tls: "verify-full" } } });
  const record = await org.data.tx((tx) =>
    tx.record.findFirstOrThrow({ where: { kind: "change" }, orderBy: { seq: "desc" } }),
  );
  expect(record).toMatchObject({ actions: ["resource.change"], principalId: "cy" });
  const bundle = await newestBundle();
  expect(bundle.version).toBe(before.version + 1);
  expect(bundle.cause).toBe("resource");
});

test("saving the same again changes nothing", async () => {
  const before = await newestBundle();
  await saveUpstream(org.deps, scope, { id, ...reach });
  expect((await newestBundle()).version).toBe(before.version);
});

test("a host that is there twice is refused", async () => {
  const hosts = [
    { host: "db1", port: 5432 },
    { host: "DB1", port: 5432 },
  ];
  expect(await saveUpstream(org.deps, scope, { id, ...reach, hosts })).toMatchObject({
    ok: false,
    error: { public: "A host is there twice." },
  });
});

test("the installer brings its own host up to date and keeps what an admin set besides it", async () => {
  await provision({ owner: org.owner, app: org.db }, org.deps, org.request);
  const shown = await readResource(org.deps, scope, { id });
  expect(shown).toMatchObject({
    ok: true,
    value: {
      upstream: { targetSession: "read-write", pool, hosts: [{ host: "localhost" }, { host: "db2.internal" }] },
    },
  });
});
