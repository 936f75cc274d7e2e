import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { type BundleContent, generateSigningKey, rawPublicKey } from "@sluice/bundle";
import { newId, unwrap } from "@sluice/kernel";
import { type ChainBatch, verifyChain } from "@sluice/ledger";
import type { RecordBatch } from "@sluice/proto";
import { configureLogs } from "@sluice/telemetry";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { draft, ended } from "../recorder/spool.fixture.ts";
import type { ApprovalRequest } from "./approvals.ts";
import { connectControl } from "./connect.ts";
import type { ControlOptions, ControlPlane } from "./control-plane.ts";
import { type FakeControl, startFakeControl } from "./fake-control.fixture.ts";
import type { SessionRevocation } from "./site.ts";
import { bundleKeys, controlOptions, envelope, stateDirectory, until } from "./test-site.fixture.ts";

vi.setConfig({ testTimeout: 30_000 });

let fake: FakeControl;
let stateDir: string;
const open: ControlPlane[] = [];

async function connect(changed: Partial<ControlOptions> = {}): Promise<ControlPlane> {
  const control = unwrap(await connectControl(controlOptions(fake, stateDir, changed)));
  open.push(control);
  return control;
}

function statuses() {
  return fake.received.flatMap(({ body }) => (body.case === "bundleStatus" ? [body.value] : []));
}

function batches(): RecordBatch[] {
  return fake.received.flatMap(({ body }) => (body.case === "records" ? [body.value] : []));
}

function version(control: ControlPlane): number {
  const current = control.site.current();
  return current.ok ? current.bundle.content.version : 0;
}

beforeEach(async () => {
  configureLogs({ level: "silent" });
  fake = await startFakeControl();
  fake.bundleKey = rawPublicKey(bundleKeys.publicKey);
  fake.envelope = envelope();
  stateDir = stateDirectory();
});
afterEach(async () => {
  for (const control of open.splice(0)) await control.close();
  fake.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

/** Nothing permits it, but the bundle says that it was allowed where it was built. */
const wrongVector = {
  principal: { type: "User", id: "ana" },
  action: "session.open",
  resource: { type: "Database", id: "shop" },
  context: {},
  entities: [],
  expect: { kind: "allow" },
};

describe("enrolment", () => {
  it("exchanges the token once, keeps the key in a private file and connects with the certificate", async () => {
    const control = await connect();
    expect(control).toMatchObject(fake.names);
    await until(() => fake.streamPeers.length === 1, "connected");
    expect(fake.streamPeers[0]).toContain(`/enforcer/${fake.names.enforcerId}`);
    for (const name of readdirSync(stateDir)) {
      if (statSync(join(stateDir, name)).isFile()) expect(statSync(join(stateDir, name)).mode & 0o077).toBe(0);
    }
    await control.close();
    await connect({ enrolToken: undefined });
    await until(() => fake.streamPeers.length === 2, "connected again");
    expect(fake.calls.filter((call) => call === "enrol")).toHaveLength(1);
  });

  it("says what to do when the token is refused, and when there is none", async () => {
    fake.tokens.clear();
    const refused = await connectControl(controlOptions(fake, stateDir));
    expect(refused.ok ? "" : refused.error).toMatchObject({ code: "control.enrol_refused" });
    const none = await connectControl(controlOptions(fake, stateDir, { enrolToken: undefined }));
    expect(none.ok ? "" : none.error).toMatchObject({ code: "control.not_enrolled" });
  });

  it("does not talk to a server that another CA signed", async () => {
    const other = await startFakeControl();
    other.stop();
    const trust = { serverCaPem: other.serverCaPem, enrolPatienceMs: 0 };
    const started = await connectControl(controlOptions(fake, stateDir, trust));
    expect(started.ok ? "" : started.error.code).toBe("control.enrol_unreachable");
    expect(fake.calls).toEqual([]);
  });

  it("refuses a second enforcer on the same state directory", async () => {
    await connect();
    const second = await connectControl(controlOptions(fake, stateDir));
    expect(second.ok ? "" : second.error.code).toBe("control.state_dir_in_use");
  });

  it("renews at half-life without dropping the stream", async () => {
    fake.certificateLifeMs = 3_000;
    await connect();
    await until(() => fake.calls.includes("renew"), "renewed");
    expect(fake.streamPeers).toHaveLength(1);
  });

  it("comes back with its key after the certificate ended", async () => {
    fake.certificateLifeMs = 300;
    const control = await connect();
    await control.close();
    await new Promise((resolve) => setTimeout(resolve, 400));
    fake.certificateLifeMs = 3_600_000;
    await connect({ enrolToken: undefined });
    await until(() => fake.calls.includes("recover"), "recovered");
  });
});

describe("bundles", () => {
  it("are fetched on a notice, applied, reported, and told to listeners", async () => {
    const control = await connect();
    await until(() => version(control) === 1, "first bundle");
    const seen: number[] = [];
    control.site.onChange((bundle) => seen.push(bundle.content.version));
    fake.envelope = envelope({ version: 2 });
    fake.push({ case: "bundle", value: { version: 2n, digest: "" } });
    await until(() => version(control) === 2, "second bundle");
    expect(seen).toEqual([2]);
    await until(() => statuses().length === 2, "status");
    expect(statuses()[1]).toMatchObject({ applied: true, version: 2n });
  });

  it.each([
    ["bundle.bad_signature", () => forged()],
    ["bundle.unknown_key", () => envelope({ version: 3 }, generateSigningKey().privateKey)],
    ["bundle.rollback", () => envelope({ version: 1 })],
    ["bundle.rollback", () => envelope({ version: 2, orgSlug: "other" })],
    ["bundle.wrong_org", () => envelope({ version: 3, orgId: newId() })],
    ["bundle.wrong_site", () => envelope({ version: 3, siteId: newId() })],
    ["bundle.expired", () => envelope({ version: 3, expiresAtMs: Date.now() - 1 })],
    ["bundle.bad_format", () => Buffer.from("{}")],
    ["bundle.bad_token_key", () => envelope({ version: 3, tokenKeys: [{ kid: "k", jwk: { kty: "oct" } }] })],
    ["bundle.bad_policies", () => envelope({ version: 3, policies: { guardrails: 1, access: 2, obligations: 3 } })],
    ["bundle.self_check", () => envelope({ version: 3, selfCheck: { vectors: [wrongVector] } })],
    ["bundle.bad_entities", () => envelope({ version: 3, entities: nestedGroups(1_100) })],
    ["bundle.unknown_schema", () => envelope({ version: 3, schemaVersion: 99 })],
    [
      "bundle.bad_entities",
      () => envelope({ version: 3, entities: [{ uid: { type: "User", id: "x" }, attrs: { a: null }, parents: [] }] }),
    ],
  ])("are refused as %s and the last good one stays in force", async (code, make) => {
    fake.envelope = envelope({ version: 2 });
    const control = await connect();
    await until(() => version(control) === 2, "good bundle");
    fake.envelope = make();
    fake.push({ case: "bundle", value: { version: 3n, digest: "f".repeat(64) } });
    await until(() => statuses().length === 2, "status");
    expect(statuses()[1]).toMatchObject({ applied: false, reasonCode: code });
    expect(version(control)).toBe(2);
  });

  const permit = (annotations: Record<string, string>) => ({
    effect: "permit",
    principal: { op: "All" },
    action: { op: "All" },
    resource: { op: "All" },
    conditions: [],
    annotations,
  });
  const always = { kind: "when", body: { Value: true } };
  const setOf = (policy: object) => ({
    language: "4.5",
    staticPolicies: { p: policy },
    templates: {},
    templateLinks: [],
  });
  const none = { language: "4.5", staticPolicies: {}, templates: {}, templateLinks: [] };

  it.each([
    ["language version", { guardrails: { ...none, language: "9.9" }, access: none, obligations: none }, "9.9"],
    ["language", { guardrails: none, access: none, obligations: { staticPolicies: {} } }, "name no language"],
    [
      "depth of conditions",
      {
        guardrails: none,
        access: setOf({ ...permit({ id: "p" }), conditions: Array.from({ length: 30_000 }, () => always) }),
        obligations: none,
      },
      "more than 500 conditions",
    ],
    [
      "annotation",
      { guardrails: none, access: setOf(permit({ id: "p", teleport: "1" })), obligations: none },
      "@teleport",
    ],
    [
      "obligation",
      { guardrails: none, access: none, obligations: setOf(permit({ id: "p", limit_moods: "3" })) },
      "@limit_moods",
    ],
  ])(
    "with an unknown %s are refused, which is said by name, and the last good one stays in force",
    async (_, policies, word) => {
      fake.envelope = envelope({ version: 2 });
      const control = await connect();
      await until(() => version(control) === 2, "good bundle");
      fake.envelope = envelope({ version: 3, policies });
      fake.push({ case: "bundle", value: { version: 3n, digest: "f".repeat(64) } });
      await until(() => statuses().length === 2, "status");
      expect(statuses()[1]).toMatchObject({ version: 3n, applied: false, reasonCode: "bundle.bad_policies" });
      expect(statuses()[1]?.reason).toContain(word);
      expect(version(control)).toBe(2);
    },
  );

  it("are enforced after a restart with the control plane gone, until the lease ends", async () => {
    fake.envelope = envelope({ version: 5, expiresAtMs: Date.now() + 60_000 });
    const first = await connect();
    await until(() => version(first) === 5, "bundle");
    await first.close();
    fake.stop();
    let now = Date.now();
    const clock = { now: () => now, monotonic: () => performance.now() };
    const second = await connect({ enrolToken: undefined, clock });
    expect(version(second)).toBe(5);
    now += 60_001;
    const current = second.site.current();
    expect(current.ok ? "" : current.reason).toContain("lease ended");
  });

  it("are not rolled back by an old file on disk", async () => {
    const first = await connect();
    await until(() => version(first) === 1, "bundle");
    const old = readFileSync(join(stateDir, "bundle.json"));
    fake.envelope = envelope({ version: 2 });
    fake.push({ case: "bundle", value: { version: 2n, digest: "" } });
    await until(() => version(first) === 2, "second bundle");
    await first.close();
    fake.stop();
    writeFileSync(join(stateDir, "bundle.json"), old);
    const second = await connect({ enrolToken: undefined });
    const current = second.site.current();
    expect(current.ok ? "" : current.reason).toContain("older");
  });
});

/** Each group in the next one, and the last in the first. */
function nestedGroups(count: number): BundleContent["entities"] {
  const group = (at: number) => ({ type: "Group", id: `g${at % count}` });
  return Array.from({ length: count }, (_, at) => ({ uid: group(at), attrs: {}, parents: [group(at + 1)] }));
}

function forged(): Uint8Array {
  const good = JSON.parse(Buffer.from(envelope({ version: 3 })).toString());
  const other = JSON.parse(Buffer.from(envelope({ version: 4 })).toString());
  return Buffer.from(JSON.stringify({ ...good, payload: other.payload }));
}

describe("revocations and bans", () => {
  it("fan out to every listener, one that fails included", async () => {
    const control = await connect();
    await until(() => version(control) === 1, "bundle");
    const seen: SessionRevocation[] = [];
    control.site.onRevocation(() => {
      throw new Error("a bug");
    });
    control.site.onRevocation((revocation) => seen.push(revocation));
    fake.push({ case: "revocation", value: { kind: "token", value: "t1", reason: "lost" } });
    fake.push({ case: "revocation", value: { kind: "galaxy", value: "x", reason: "unknown kind" } });
    await until(() => seen.length === 2, "revocations");
    expect(seen.map(({ kind }) => kind)).toEqual(["token", "all"]);
  });

  it("end every session and forget the bundle when the enforcer is banned, also at the next start", async () => {
    const control = await connect();
    await until(() => version(control) === 1, "bundle");
    const seen: SessionRevocation[] = [];
    control.site.onRevocation((revocation) => seen.push(revocation));
    fake.banned = "stolen";
    fake.push({ case: "ban", value: { reason: "stolen" } });
    await until(() => seen.length > 0, "ended");
    expect(seen[0]?.kind).toBe("all");
    const current = control.site.current();
    expect(current.ok ? "" : current.reason).toContain("stolen");
    expect(readdirSync(stateDir)).not.toContain("bundle.json");
    expect(readdirSync(stateDir)).toContain("bundle-floor.json");
  });

  it("count when the control plane refuses the stream by name", async () => {
    const first = await connect();
    await until(() => version(first) === 1, "bundle");
    await first.close();
    fake.banned = "removed";
    const second = await connect({ enrolToken: undefined });
    await until(() => !second.site.current().ok, "banned");
  });
});

describe("approvals", () => {
  const request = (changed: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
    approvalId: newId(),
    exchangeId: newId(),
    digest: "d".repeat(64),
    workflows: ["production-change"],
    subject: {
      resource: { id: newId(), name: "shop" },
      principals: [{ type: "User", id: "ana", name: "ana" }],
      statement: "UPDATE customers SET city='Lyon' WHERE id=1",
      parameters: [],
      actions: [],
      facts: undefined,
      sessionId: newId(),
      bundleVersion: 1,
    },
    expiresAtMs: Date.now() + 30_000,
    ...changed,
  });

  function asks() {
    return fake.received.flatMap(({ body }) => (body.case === "approvalAsk" ? [body.value] : []));
  }

  async function connected(): Promise<ControlPlane> {
    const control = await connect();
    await until(() => version(control) === 1, "bundle");
    return control;
  }

  it("give the link as soon as the request arrived, then the answer with who gave it", async () => {
    const control = await connected();
    const one = request();
    const links: string[] = [];
    const answer = control.approvals.ask(one, (url) => links.push(url), new AbortController().signal);
    await until(() => asks().length === 1, "asked");
    expect(JSON.parse(Buffer.from(asks()[0]?.subjectJson ?? []).toString())).toMatchObject({
      resource: { name: "shop" },
    });
    const { approvalId, digest } = one;
    fake.push({
      case: "approvalReceived",
      value: { approvalId, url: "http://localhost/approvals/1", refusedReason: "" },
    });
    fake.push({ case: "approval", value: { approvalId, digest, approved: true, approverIds: ["bo"], reason: "fine" } });
    expect(await answer).toEqual({ kind: "approved", approverIds: ["bo"], reason: "fine" });
    expect(links).toEqual(["http://localhost/approvals/1"]);
  });

  it("are never answered by a decision about something else", async () => {
    const control = await connected();
    const one = request({ expiresAtMs: Date.now() + 600 });
    const answer = control.approvals.ask(one, () => undefined, new AbortController().signal);
    await until(() => asks().length === 1, "asked");
    const digest = "e".repeat(64);
    fake.push({ case: "approval", value: { approvalId: one.approvalId, digest, approved: true, approverIds: ["bo"] } });
    expect((await answer).kind).toBe("expired");
  });

  it("are asked again after a reconnect, with the same id", async () => {
    const control = await connected();
    const one = request();
    const answer = control.approvals.ask(one, () => undefined, new AbortController().signal);
    await until(() => asks().length === 1, "asked");
    fake.dropStreams();
    await until(() => asks().length === 2, "asked again");
    expect(asks()[1]?.approvalId).toBe(one.approvalId);
    fake.push({
      case: "approval",
      value: { approvalId: one.approvalId, digest: one.digest, approved: false, approverIds: ["bo"], reason: "no" },
    });
    expect((await answer).kind).toBe("refused");
  });

  it("are withdrawn when the client goes away, and unavailable when the console says so", async () => {
    const control = await connected();
    const abort = new AbortController();
    const first = control.approvals.ask(request(), () => undefined, abort.signal);
    await until(() => asks().length === 1, "asked");
    abort.abort();
    expect((await first).kind).toBe("unavailable");
    await until(() => fake.received.some(({ body }) => body.case === "approvalWithdraw"), "withdrawn");
    const two = request();
    const second = control.approvals.ask(two, () => undefined, new AbortController().signal);
    await until(() => asks().length === 2, "asked");
    fake.push({
      case: "approvalReceived",
      value: { approvalId: two.approvalId, url: "", refusedReason: "no such workflow" },
    });
    expect(await second).toEqual({ kind: "unavailable", reason: "no such workflow" });
  });
});

describe("records", () => {
  const trust = () => ({ ...fake.names, publicKey: certificateKey() });

  function certificateKey() {
    return new X509Certificate(readFileSync(join(stateDir, "enforcer.crt.pem"))).publicKey;
  }

  function chain(of: RecordBatch[]): ChainBatch[] {
    return of.map((batch) => ({
      ...fake.names,
      firstSeq: Number(batch.firstSeq),
      lastSeq: Number(batch.lastSeq),
      previous: batch.previousHead,
      head: batch.chainHead,
      signature: batch.chainSignature,
      bytes: zstdDecompressSync(batch.payloadZstd),
    }));
  }

  function acknowledgeAll(): void {
    fake.onMessage = ({ body }, push) => {
      if (body.case === "records") push({ case: "recordAck", value: { throughSeq: body.value.lastSeq } });
    };
  }

  it("arrive in order as a chain that the certificate's key signs", async () => {
    acknowledgeAll();
    const control = await connect();
    for (let count = 0; count < 1_500; count++) control.recorder.finish(unwrap(control.recorder.begin(draft())), ended);
    await until(() => batches().some(({ lastSeq }) => lastSeq === 3_000n), "all shipped");
    expect(unwrap(verifyChain(chain(batches()), trust()))).toMatchObject({ entries: 3_000, lastSeq: 3_000 });
  });

  it("are at most four batches on their way, and sent again from the first unacknowledged after a reconnect", async () => {
    const control = await connect();
    for (let count = 0; count < 3_000; count++) unwrap(control.recorder.begin(draft()));
    await until(() => batches().length === 4, "four batches");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(batches()).toHaveLength(4);
    const first = batches()[0];
    fake.ackedSeq = first?.lastSeq ?? 0n;
    acknowledgeAll();
    fake.dropStreams();
    await until(() => batches().some(({ lastSeq }) => lastSeq === 3_000n), "the rest");
    const again = batches().slice(4);
    expect(again[0]?.firstSeq).toBe((first?.lastSeq ?? 0n) + 1n);
    expect(Buffer.compare(again[0]?.chainHead ?? Buffer.alloc(0), batches()[1]?.chainHead ?? Buffer.alloc(0))).toBe(0);
  });

  it("wait on disk through a restart while the control plane is gone", async () => {
    const first = await connect();
    await until(() => version(first) === 1, "connected");
    fake.stop();
    const ticket = unwrap(first.recorder.begin(draft()));
    first.recorder.finish(ticket, ended);
    await first.close();
    acknowledgeAll();
    await fake.start();
    await connect({ enrolToken: undefined });
    await until(() => batches().length === 1, "shipped");
    expect(chain(batches())[0]?.bytes.toString()).toContain(ticket.id);
  });

  it("stop when the control plane holds numbers that this spool never gave: its directory is an old copy", async () => {
    fake.ackedSeq = 100n;
    const control = await connect();
    await until(() => !control.recorder.health().ok, "condemned");
    expect(control.recorder.begin(draft()).ok).toBe(false);
    const told = () => fake.received.map(({ body }) => (body.case === "heartbeat" ? body.value.stoppedReason : ""));
    await until(() => told().some((reason) => reason.includes("Enrol it again")), "the console knows why");
  });
});
