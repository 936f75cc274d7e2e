import { randomUUID } from "node:crypto";
import { type BundleContent, bundleContentSchema } from "@sluice/bundle";
import { compilePolicies } from "@sluice/bundle/build";
import { starterPolicies } from "@sluice/bundle/starter";
import { unwrap } from "@sluice/kernel";
import { createSnapshot, entityFromCedarJson, entityUid, load } from "@sluice/policy-engine";
import type { LoadedBundle } from "../control/site.ts";
import type { ClientIdentity } from "../identity/identity.ts";

const uid = (type: string, id: string) => ({ type, id });
const resourceId = randomUUID();

/** A person by handle, signed in for good. */
export function person(handle: string): ClientIdentity {
  const principal = { uid: entityUid("User", handle), name: handle };
  return { principal, tokenId: "t", expiresAtMs: Number.MAX_SAFE_INTEGER };
}

/** The starter policies, and more if wished, for one production database that hides e-mail addresses. */
export function bundleOf(
  more: Partial<ReturnType<typeof starterPolicies>> = {},
  entitiesToo: BundleContent["entities"] = [],
): LoadedBundle {
  const starter = starterPolicies();
  const policies = {
    guardrails: starter.guardrails + (more.guardrails ?? ""),
    access: starter.access + (more.access ?? ""),
    obligations: starter.obligations + (more.obligations ?? ""),
  };
  const content = bundleContentSchema.parse({
    format: "sluice.bundle.v1",
    orgId: randomUUID(),
    orgSlug: "acme",
    siteId: randomUUID(),
    version: 1,
    policyVersion: 1,
    builtAtMs: 0,
    expiresAtMs: 0,
    schemaVersion: 1,
    policies: unwrap(compilePolicies(policies)),
    entities: [
      {
        uid: uid("User", "ana"),
        attrs: { handle: "ana", email: "a@a.test", name: "Ana" },
        parents: [uid("Group", "engineering")],
      },
      {
        uid: uid("Agent", "copilot"),
        attrs: { handle: "copilot", name: "Copilot" },
        parents: [uid("Group", "agents")],
      },
      { uid: uid("Group", "engineering"), attrs: {}, parents: [] },
      { uid: uid("Group", "agents"), attrs: {}, parents: [] },
      { uid: uid("DataClass", "email"), attrs: { name: "email" }, parents: [] },
      {
        uid: uid("Database", "shop"),
        attrs: { name: "shop", kind: "postgres", environment: "production" },
        parents: [uid("Environment", "production")],
      },
      ...entitiesToo,
    ],
    dataClasses: [{ name: "email", strategy: "partial" }],
    columnClasses: [{ resourceId, schema: "public", table: "customers", column: "email", classes: ["email"] }],
    resources: [
      {
        id: resourceId,
        name: "shop",
        kind: "postgres",
        environment: "production",
        listen: { host: "127.0.0.1", port: 0 },
        upstream: { host: "localhost", port: 1, database: "shop", tls: "disable", credentialRef: "SHOP" },
      },
    ],
    tokenKeys: [],
    revokedTokens: [],
    lockedPrincipals: [],
    workflows: [],
    maskKey: "",
  });
  const entities = createSnapshot(content.entities.map((json) => unwrap(entityFromCedarJson(json))));
  return { content, digest: "d", engine: unwrap(load(content.policies)), entities };
}
