import type { ForeignIds } from "./foreign-ids.ts";

/** What a call as the wrong org must come to. */
export interface WrongOrgCase {
  /** the input, with the other org's ids wherever one can be named */
  readonly input: (theirs: ForeignIds) => unknown;
  /** not_found: as if it did not exist. nothing_theirs: an answer (or refusal) in which nothing of theirs appears. */
  readonly expect: "not_found" | "nothing_theirs";
}

const none: WrongOrgCase = { input: () => undefined, expect: "nothing_theirs" };
const empty: WrongOrgCase = { input: () => ({}), expect: "nothing_theirs" };
const byId = (pick: (theirs: ForeignIds) => string): WrongOrgCase => ({
  input: (theirs) => ({ id: pick(theirs) }),
  expect: "not_found",
});
const sets = { guardrails: "", access: "", obligations: "" };
const table = { type: "Table", id: "shop/public.customers" };

const upstreamOfTheirs: WrongOrgCase = {
  input: ({ resourceId }) => ({
    id: resourceId,
    hosts: [{ host: "intruder", port: 5432 }],
    targetSession: "any",
    loadBalance: false,
    connectTimeoutMs: 1_000,
    openAhead: true,
    pool: { enabled: true, idlePerIdentityMax: 1, idleMax: 1, idleMs: 1_000, ageMs: 1_000, usesMax: 2 },
  }),
  expect: "not_found",
};

/** One case for every tRPC procedure, by path; the test fails for a procedure that has none. */
export const procedureCases: Readonly<Record<string, WrongOrgCase>> = {
  me: none,
  "overview.summary": none,
  "live.recent": { input: (theirs) => ({ sessionId: theirs.sessionId }), expect: "nothing_theirs" },
  "live.stream": { input: () => ({ lastEventId: "0" }), expect: "nothing_theirs" },
  "approvals.list": empty,
  "approvals.get": byId((theirs) => theirs.approvalId),
  "approvals.decide": {
    input: (theirs) => ({ id: theirs.approvalId, approved: true, digest: theirs.digest, reason: "" }),
    expect: "not_found",
  },
  "approvals.stream": empty,
  "access.connect": { input: (theirs) => ({ resourceId: theirs.resourceId }), expect: "not_found" },
  "access.tokens": none,
  "access.revoke": byId((theirs) => theirs.accessTokenId),
  "resources.list": none,
  "resources.get": byId((theirs) => theirs.resourceId),
  "resources.setClass": {
    input: ({ resourceId }) => ({ resourceId, schema: "public", table: "customers", column: "name", classes: [] }),
    expect: "not_found",
  },
  "resources.saveDataClass": { input: () => ({ name: "iban", strategy: "redact" }), expect: "nothing_theirs" },
  "resources.saveUpstream": upstreamOfTheirs,
  "enforcers.list": none,
  "enforcers.get": byId((theirs) => theirs.enforcerId),
  "enforcers.createToken": {
    input: (theirs) => ({ siteId: theirs.siteId, name: "intruder" }),
    expect: "not_found",
  },
  "enforcers.ban": { input: (theirs) => ({ id: theirs.enforcerId, reason: "mine now" }), expect: "not_found" },
  "policies.current": none,
  "policies.versions": empty,
  // Their org has one version more than ours.
  "policies.version": { input: (theirs) => ({ version: theirs.policyVersion }), expect: "not_found" },
  "policies.check": { input: () => ({ sets }), expect: "nothing_theirs" },
  "policies.progress": none,
  "policies.test": empty,
  "policies.export": { input: (theirs) => ({ version: theirs.policyVersion }), expect: "not_found" },
  "policies.drafts.list": none,
  "policies.drafts.get": { input: (theirs) => ({ number: theirs.draftNumber }), expect: "not_found" },
  "policies.drafts.import": { input: () => ({ files: {}, base: "0".repeat(64) }), expect: "nothing_theirs" },
  "policies.drafts.publish": { input: (theirs) => ({ number: theirs.draftNumber }), expect: "not_found" },
  "policies.drafts.save": { input: () => ({ sets, baseVersion: 0 }), expect: "nothing_theirs" },
  "policies.drafts.discard": { input: (theirs) => ({ number: theirs.draftNumber }), expect: "not_found" },
  "policies.format": { input: () => ({ set: "access", text: "" }), expect: "nothing_theirs" },
  "policies.publish": { input: () => ({ sets, baseVersion: 0 }), expect: "nothing_theirs" },
  "policies.rollback": { input: (theirs) => ({ version: theirs.policyVersion }), expect: "not_found" },
  "policies.diff": { input: (theirs) => ({ from: 0, to: theirs.policyVersion }), expect: "not_found" },
  "policies.impact.start": { input: () => ({ sets, span: "hour" }), expect: "nothing_theirs" },
  "policies.impact.get": byId((theirs) => theirs.impactId),
  "policies.impact.cancel": byId((theirs) => theirs.impactId),
  "policies.impact.stream": byId((theirs) => theirs.impactId),
  "policies.requests.list": none,
  "policies.requests.open": { input: (theirs) => ({ version: theirs.policyVersion }), expect: "not_found" },
  "policies.requests.get": byId((theirs) => theirs.publishRequestId),
  "policies.requests.decide": {
    input: (theirs) => ({ id: theirs.publishRequestId, digest: theirs.digest, approved: true }),
    expect: "not_found",
  },
  "policies.requests.withdraw": byId((theirs) => theirs.publishRequestId),
  "policies.rule.get": none,
  "policies.rule.update": { input: () => ({ flipsMax: 100 }), expect: "nothing_theirs" },
  "policies.vocabulary": none,
  "policies.explain": {
    input: (theirs) => ({
      principal: { type: "User", handle: theirs.onlyTheirs },
      action: "sql.read.select",
      resource: table,
    }),
    expect: "not_found",
  },
  "policies.whoCan": { input: () => ({ action: "sql.read.select", resource: table }), expect: "nothing_theirs" },
  "shadow.list": none,
  "shadow.get": byId((theirs) => theirs.shadowRunId),
  "shadow.start": { input: () => ({ sets, minutes: 1 }), expect: "nothing_theirs" },
  "shadow.stop": byId((theirs) => theirs.shadowRunId),
  "identities.list": none,
  "identities.lock": { input: (theirs) => ({ type: "User", id: theirs.memberId }), expect: "not_found" },
  "identities.unlock": { input: (theirs) => ({ type: "Agent", id: theirs.agentId }), expect: "not_found" },
  "identities.addMember": {
    input: () => ({ handle: "dee", name: "Dee", email: "dee@acme.test", role: "engineer" }),
    expect: "nothing_theirs",
  },
  "identities.updateMember": { input: (theirs) => ({ id: theirs.memberId, role: "engineer" }), expect: "not_found" },
  "identities.addAgent": {
    // A person of theirs is nobody here.
    input: (theirs) => ({ handle: "bot", name: "Bot", onBehalfOf: theirs.onlyTheirs }),
    expect: "nothing_theirs",
  },
  "audit.search": { input: (theirs) => ({ sessionId: theirs.sessionId }), expect: "nothing_theirs" },
  "audit.record": byId((theirs) => theirs.recordId),
  "audit.facets": none,
  "settings.get": none,
  "settings.update": { input: () => ({ name: "Ours" }), expect: "nothing_theirs" },
  "apiTokens.list": none,
  "apiTokens.create": { input: () => ({ name: "ours" }), expect: "nothing_theirs" },
  "apiTokens.revoke": byId((theirs) => theirs.apiTokenId),
  "identityConnection.update": {
    input: (theirs) => ({ id: theirs.connectionId, name: "x", issuer: "https://login.example", clientId: "x" }),
    expect: "not_found",
  },
  "identityConnection.test": { input: () => ({ issuer: "http://127.0.0.1:1" }), expect: "nothing_theirs" },
};

/** One case for every REST route, by method and path; `:id` and `:version` are filled from the input. */
export const routeCases: Readonly<Record<string, WrongOrgCase>> = {
  "GET /me": empty,
  "GET /overview": empty,
  "GET /records": { input: (theirs) => ({ sessionId: theirs.sessionId }), expect: "nothing_theirs" },
  "GET /records/:id": byId((theirs) => theirs.recordId),
  "GET /approvals": empty,
  "GET /approvals/:id": byId((theirs) => theirs.approvalId),
  "POST /approvals/:id/decide": {
    input: (theirs) => ({ id: theirs.approvalId, approved: true, digest: theirs.digest }),
    expect: "not_found",
  },
  "GET /policies": empty,
  "GET /policies/versions": empty,
  "GET /policies/versions/:version": {
    input: (theirs) => ({ version: theirs.policyVersion }),
    expect: "not_found",
  },
  "POST /policies/check": { input: () => ({ sets }), expect: "nothing_theirs" },
  "GET /policies/export": { input: (theirs) => ({ version: theirs.policyVersion }), expect: "not_found" },
  "POST /policies/import": { input: () => ({ files: {}, base: "0".repeat(64) }), expect: "nothing_theirs" },
  "POST /policies/test": empty,
  "GET /policies/drafts": empty,
  "GET /policies/drafts/:number": { input: (theirs) => ({ number: theirs.draftNumber }), expect: "not_found" },
  "POST /policies/drafts/:number/publish": {
    input: (theirs) => ({ number: theirs.draftNumber }),
    expect: "not_found",
  },
  "POST /policies/drafts/:number/discard": {
    input: (theirs) => ({ number: theirs.draftNumber }),
    expect: "not_found",
  },
  "POST /policies/publish": { input: () => ({ sets, baseVersion: 0 }), expect: "nothing_theirs" },
  "POST /policies/rollback": { input: (theirs) => ({ version: theirs.policyVersion }), expect: "not_found" },
  "GET /policies/requests": empty,
  "POST /policies/requests": { input: (theirs) => ({ version: theirs.policyVersion }), expect: "not_found" },
  "GET /policies/requests/:id": byId((theirs) => theirs.publishRequestId),
  "POST /policies/requests/:id/decide": {
    input: (theirs) => ({ id: theirs.publishRequestId, digest: theirs.digest, approved: true }),
    expect: "not_found",
  },
  "GET /shadow-runs": empty,
  "GET /shadow-runs/:id": byId((theirs) => theirs.shadowRunId),
  "POST /shadow-runs": { input: () => ({ sets, minutes: 1 }), expect: "nothing_theirs" },
  "POST /shadow-runs/:id/stop": byId((theirs) => theirs.shadowRunId),
  "GET /enforcers": empty,
  "GET /enforcers/:id": byId((theirs) => theirs.enforcerId),
  "GET /resources": empty,
  "GET /resources/:id": byId((theirs) => theirs.resourceId),
  "POST /resources/:id/upstream": upstreamOfTheirs,
  "GET /identities": empty,
  "GET /access-tokens": empty,
  "POST /access-tokens": { input: (theirs) => ({ resourceId: theirs.resourceId }), expect: "not_found" },
  "POST /access-tokens/:id/revoke": byId((theirs) => theirs.accessTokenId),
};
