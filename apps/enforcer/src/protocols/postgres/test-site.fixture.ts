import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { type BundleContent, bundleContentSchema } from "@sluice/bundle";
import { compilePolicies } from "@sluice/bundle/build";
import { starterPolicies } from "@sluice/bundle/starter";
import { devCa, serverCertificate } from "@sluice/infra/dev/certificates";
import { err, ok, Secret, systemClock, taggedError, unwrap } from "@sluice/kernel";
import { createSnapshot, entityFromCedarJson, entityUid, load } from "@sluice/policy-engine";
import type { ApprovalAnswer, ApprovalRequest, Approvals } from "../../control/approvals.ts";
import type { LoadedBundle, SessionRevocation, SiteState } from "../../control/site.ts";
import type { VerifyAccessToken } from "../../identity/identity.ts";
import { loadSqlParser } from "../../languages/sql/index.ts";
import type { RecordDraft, Recorder } from "../../recorder/recorder.ts";
import { ResourceHost } from "../../resource-host.ts";
import type { SessionMasking } from "../protocol.ts";
import { protocols } from "../registry.ts";

/** A site made of the real starter policies, with a scripted approver and a recorder that keeps what it is given. */
export interface TestSite {
  readonly host: ResourceHost;
  readonly port: number;
  readonly caFile: string;
  readonly drafts: RecordDraft[];
  readonly finished: { readonly id: string; readonly outcome: Parameters<Recorder["finish"]>[1] }[];
  readonly asked: ApprovalRequest[];
  /** decides the next approvals */
  answer: (request: ApprovalRequest, signal: AbortSignal) => Promise<ApprovalAnswer>;
  recorderFull: boolean;
  revoke(revocation: SessionRevocation): void;
  change(edit: (content: BundleContent) => BundleContent): void;
  /** what `current` answers in place of the bundle */
  unavailable: string | undefined;
  close(): Promise<void>;
}

/** The upstream and what the test wants different. */
export interface TestSiteOptions {
  readonly upstream: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly password: string;
    readonly caFile: string;
  };
  readonly masking: SessionMasking;
  readonly limits?: Record<string, number>;
  readonly environment?: string;
  readonly access?: string;
}

const PEOPLE = { ana: "engineering", bo: "approvers", cy: "admins" } as const;

/** Starts a listener for the upstream. Tokens are `token:<handle>`, agents' `token:<agent>:<person>`. */
export async function startTestSite(options: TestSiteOptions): Promise<TestSite> {
  const ca = await devCa(mkdtempSync(join(tmpdir(), "sluice-listener-")));
  const files = await serverCertificate(ca, "listener");
  const context = createSecureContext({ cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) });
  const resourceId = randomUUID();
  let bundle = loadedBundle(contentOf(options, resourceId), 1);
  const changes = new Set<(bundle: LoadedBundle) => void>();
  const revocations = new Set<(revocation: SessionRevocation) => void>();
  const state: Omit<TestSite, "host" | "port" | "close"> = {
    caFile: ca.caFile,
    drafts: [],
    finished: [],
    asked: [],
    answer: async () => ({ kind: "unavailable", reason: "no approver in this test" }),
    recorderFull: false,
    unavailable: undefined,
    revoke: (revocation) => revocations.forEach((listener) => void listener(revocation)),
    change(edit) {
      bundle = loadedBundle(edit(bundle.content), bundle.content.version + 1);
      changes.forEach((listener) => void listener(bundle));
    },
  };
  const site: SiteState = {
    current: () => (state.unavailable === undefined ? { ok: true, bundle } : { ok: false, reason: state.unavailable }),
    resource: (id) => bundle.content.resources.find((resource) => resource.id === id),
    onChange: (listener) => (changes.add(listener), () => void changes.delete(listener)),
    onRevocation: (listener) => (revocations.add(listener), () => void revocations.delete(listener)),
  };
  const resource = site.resource(resourceId);
  if (!resource) throw new Error("the fixture's resource is missing");
  const { analyse } = await loadSqlParser();
  const { caFile, password, user } = options.upstream;
  const host = new ResourceHost(resource, {
    protocols,
    site,
    recorder: recorderFor(state),
    approvals: approvalsFor(state),
    verifyAccessToken: verify,
    analyse,
    masking: options.masking,
    clock: systemClock,
    secureContext: () => context,
    credentials: () => ok({ user, password: new Secret(password), ca: readFileSync(caFile, "utf8") }),
    onCatalogue: () => undefined,
  });
  const { port } = unwrap(await host.start());
  const close = () => host.close({ kind: "shutdown", reason: "the test ended" }, 100);
  return Object.assign(state, { host, port, close });
}

function contentOf(options: TestSiteOptions, resourceId: string): BundleContent {
  const policies = starterPolicies();
  const compiled = compilePolicies({ ...policies, access: policies.access + (options.access ?? "") });
  const { upstream } = options;
  const column = (name: string, dataClass: string) => ({
    resourceId,
    schema: "public",
    table: "customers",
    column: name,
    classes: [dataClass],
  });
  const environment = options.environment ?? "production";
  return bundleContentSchema.parse({
    format: "sluice.bundle.v1",
    orgId: randomUUID(),
    orgSlug: "acme",
    siteId: randomUUID(),
    version: 1,
    policyVersion: 1,
    builtAtMs: Date.now(),
    expiresAtMs: Date.now() + 3_600_000,
    schemaVersion: 1,
    policies: unwrap(compiled),
    entities: entitiesOf(environment),
    dataClasses: ["email", "phone", "card", "ssn"].map((name) => ({ name, strategy: "partial" })),
    columnClasses: [column("email", "email"), column("phone", "phone"), column("card", "card"), column("ssn", "ssn")],
    resources: [
      {
        id: resourceId,
        name: "shop",
        kind: "postgres",
        environment,
        listen: { host: "127.0.0.1", port: 0 },
        upstream: {
          host: upstream.host,
          port: upstream.port,
          database: upstream.database,
          tls: "verify-full",
          credentialRef: "SHOP",
        },
        limits: options.limits ?? {},
      },
    ],
    tokenKeys: [],
    revokedTokens: [],
    lockedPrincipals: [],
    workflows: [{ name: "production-change", timeoutMs: 5_000 }],
    maskKey: Buffer.alloc(32, 7).toString("base64url"),
  });
}

function entitiesOf(environment: string) {
  const uid = (type: string, id: string) => ({ type, id });
  const people = Object.entries(PEOPLE).map(([handle, group]) => ({
    uid: uid("User", handle),
    attrs: { handle, email: `${handle}@acme.test`, name: handle },
    parents: [uid("Group", group)],
  }));
  const groups = ["engineering", "approvers", "admins", "agents"].map((id) => ({
    uid: uid("Group", id),
    attrs: {},
    parents: [],
  }));
  const classes = ["email", "phone", "card", "ssn"].map((name) => ({
    uid: uid("DataClass", name),
    attrs: { name },
    parents: [],
  }));
  return [
    ...people,
    ...groups,
    ...classes,
    { uid: uid("Org", "acme"), attrs: {}, parents: [] },
    { uid: uid("Site", "acme/main"), attrs: {}, parents: [uid("Org", "acme")] },
    { uid: uid("Environment", environment), attrs: {}, parents: [] },
    {
      uid: uid("Database", "shop"),
      attrs: { name: "shop", kind: "postgres", environment },
      parents: [uid("Site", "acme/main"), uid("Environment", environment)],
    },
    {
      uid: uid("Agent", "copilot"),
      attrs: { handle: "copilot", name: "Copilot", onBehalfOf: { __entity: uid("User", "ana") } },
      parents: [uid("Group", "agents")],
    },
  ];
}

function loadedBundle(content: BundleContent, version: number): LoadedBundle {
  const entities = content.entities.map((json) => unwrap(entityFromCedarJson(json)));
  const engine = unwrap(load(content.policies));
  return { content: { ...content, version }, digest: String(version), engine, entities: createSnapshot(entities) };
}

function recorderFor(state: Omit<TestSite, "host" | "port" | "close">): Recorder {
  return {
    begin(draft) {
      if (state.recorderFull) return err(taggedError("recorder.full", "the record spool is full"));
      state.drafts.push(draft);
      return ok({ id: draft.id, seq: state.drafts.length, atMs: draft.atMs });
    },
    durable: () => new Promise((resolve) => setTimeout(resolve, 5)),
    finish: ({ id }, outcome) => void state.finished.push({ id, outcome }),
    health: () => ({ ok: true, reason: "", spoolBytes: 0, lastSeq: state.drafts.length }),
  };
}

function approvalsFor(state: Omit<TestSite, "host" | "port" | "close">): Approvals {
  return {
    async ask(request, onLink, signal) {
      state.asked.push(request);
      onLink(`https://console.test/approvals/${request.approvalId}`);
      return state.answer(request, signal);
    },
  };
}

const verify: VerifyAccessToken = async (token, claimedUser) => {
  const [kind, handle = "", person] = token.split(":");
  if (kind !== "token") return err(taggedError("identity.bad_signature", "the token's signature is wrong"));
  if (handle !== claimedUser) return err(taggedError("identity.user_mismatch", "the token is another principal's"));
  const named = (type: string, id: string) => ({ uid: entityUid(type, id), name: id });
  const principal = named(person ? "Agent" : "User", handle);
  const onBehalfOf = person ? named("User", person) : undefined;
  return ok({ principal, onBehalfOf, tokenId: token, expiresAtMs: Date.now() + 3_600_000 });
};
