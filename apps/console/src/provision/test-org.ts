import { randomBytes } from "node:crypto";
import { type Db, openDb } from "@sluice/db";
import { migrate } from "@sluice/db/migrate";
import { manualClock, Secret, unwrap } from "@sluice/kernel";
import { inject } from "vitest";
import type { Deps } from "../server/deps.ts";
import { addressPolicy } from "../server/outbound/address-policy.ts";
import { dataOf, type OrgData } from "../server/scope.ts";
import { sealerWith } from "../server/seal.ts";
import type { ProvisionAnswer, ProvisionRequest } from "./contract.ts";
import { provision } from "./provision.ts";

/** A fresh org in the real database, with ana, bo, cy, copilot, shop and a pending enforcer; for integration tests. */
export interface TestOrg extends AsyncDisposable {
  readonly db: Db;
  readonly owner: Db;
  readonly deps: Deps & { readonly clock: ReturnType<typeof manualClock> };
  readonly data: OrgData;
  readonly slug: string;
  readonly answer: ProvisionAnswer & { readonly enrolToken: string };
  readonly request: ProvisionRequest;
  /** channels that were woken */
  readonly woken: string[];
  /** jobs that were queued: name and payload */
  readonly queued: (readonly [string, unknown])[];
}

/** Migrates (once per database), opens both handles and provisions an org of an own slug. The clock stands until moved. */
export async function openTestOrg(options: { readonly db?: Db } = {}): Promise<TestOrg> {
  await migrate(inject("ownerUrl"));
  const db = options.db ?? openDb(inject("appUrl"), { connectionsMax: 6 });
  const owner = openDb(inject("ownerUrl"), { connectionsMax: 2 });
  const slug = `t-${randomBytes(6).toString("hex")}`;
  const woken: string[] = [];
  const queued: TestOrg["queued"] = [];
  const deps = {
    clock: manualClock(Date.now()),
    sealer: sealerWith(new Secret(new Uint8Array(randomBytes(32)))),
    publicUrl: new URL("http://localhost:3000"),
    outbound: unwrap(addressPolicy(["127.0.0.0/8", "::1/128"])),
    wakeups: {
      publish: async (channel: string) => void woken.push(channel),
      listen: () => () => undefined,
      close: async () => undefined,
    },
    queues: {
      enqueue: async (job: { readonly name: string }, payload: unknown) => void queued.push([job.name, payload]),
    },
  };
  const request = testRequest(slug);
  const answer = await provision({ owner, app: db }, deps, request);
  const { enrolToken } = answer;
  if (enrolToken === undefined) throw new Error("no enrolment token although one was asked for");
  return {
    db,
    owner,
    deps,
    data: dataOf(db, answer.orgId),
    slug,
    answer: { ...answer, enrolToken },
    request,
    woken,
    queued,
    [Symbol.asyncDispose]: async () => {
      await owner.close();
      if (!options.db) await db.close();
    },
  };
}

function testRequest(slug: string): ProvisionRequest {
  const person = (handle: string, role: string, group: string) => ({
    handle,
    name: handle.toUpperCase(),
    email: `${handle}@acme.test`,
    role,
    groups: [group],
  });
  const column = (name: string) => ({ schema: "public", table: "customers", column: name, class: name });
  return {
    org: { slug, name: "Acme" },
    site: { slug: "main", name: "Main" },
    people: [
      person("ana", "engineer", "engineering"),
      person("bo", "approver", "approvers"),
      person("cy", "admin", "admins"),
    ],
    agents: [{ handle: "copilot", name: "Copilot", groups: ["agents"], onBehalfOf: "ana" }],
    identityProvider: { name: "Acme", issuer: "http://localhost:1", clientId: "console", clientSecret: "not-a-secret" },
    resource: {
      name: "shop",
      kind: "postgres",
      environment: "production",
      listen: { host: "127.0.0.1", port: 0 },
      upstream: { host: "localhost", port: 5432, database: "shop", tls: "verify-full", credentialRef: "SHOP" },
      classes: ["email", "phone", "card", "ssn"].map(column),
    },
    tokenSeconds: 3_600,
    enforcer: { name: "main-1", enrol: true },
  };
}
