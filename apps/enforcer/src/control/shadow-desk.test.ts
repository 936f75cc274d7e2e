import { rmSync } from "node:fs";
import { rawPublicKey, SHADOW_BYTES_MAX, signShadow } from "@sluice/bundle";
import { newId, unwrap } from "@sluice/kernel";
import type { ShadowReport } from "@sluice/proto";
import { configureLogs } from "@sluice/telemetry";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connectControl } from "./connect.ts";
import type { ControlPlane } from "./control-plane.ts";
import { type FakeControl, startFakeControl } from "./fake-control.fixture.ts";
import { bundleContent, bundleKeys, controlOptions, envelope, stateDirectory, until } from "./test-site.fixture.ts";

vi.setConfig({ testTimeout: 60_000 });

let fake: FakeControl;
let stateDir: string;
let plane: ControlPlane;

beforeEach(async () => {
  configureLogs({ level: "silent" });
  fake = await startFakeControl();
  fake.bundleKey = rawPublicKey(bundleKeys.publicKey);
  fake.envelope = envelope();
  stateDir = stateDirectory();
  plane = unwrap(await connectControl(controlOptions(fake, stateDir)));
  await until(() => fake.received.some(({ body }) => body.case === "listeners"), "connected");
});
afterEach(async () => {
  await plane.close();
  fake.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

function candidate(version: number, changed: { readonly siteId?: string } = {}) {
  const { orgId, siteId, policies } = bundleContent();
  const runId = newId();
  const times = { builtAtMs: Date.now(), expiresAtMs: Date.now() + 60_000 };
  const content = { orgId, siteId, runId, version, schemaVersion: 1, policies, ...times, ...changed };
  return { runId, version: BigInt(version), ...signShadow(content, bundleKeys.privateKey) };
}

function start(signed: ReturnType<typeof candidate>): void {
  fake.shadow = signed.envelope;
  const { runId, version, digest } = signed;
  fake.push({ case: "shadow", value: { runId, version, digest } });
}

const reports = (runId: string): ShadowReport[] =>
  fake.received.flatMap(({ body }) => (body.case === "shadow" && body.value.runId === runId ? [body.value] : []));

async function reported(runId: string, state: string): Promise<ShadowReport> {
  await until(() => reports(runId).at(-1)?.state === state, state);
  const last = reports(runId).at(-1);
  if (!last) throw new Error("no report");
  return last;
}

test("an enforcer says that it can, runs what is announced, and stops when told", async () => {
  const hello = fake.received.find(({ body }) => body.case === "hello")?.body.value;
  expect(hello).toMatchObject({ capabilities: ["shadow.v1"] });
  const signed = candidate(1);
  start(signed);
  await reported(signed.runId, "running");
  plane.shadow.exchange({ id: "x1" }, undefined);
  await until(() => reports(signed.runId).at(-1)?.unreplayable === 1n, "counted");
  fake.push({ case: "shadow", value: { runId: "", version: 0n, digest: "" } });
  expect(await reported(signed.runId, "stopped")).toMatchObject({ unreplayable: 1n });
});

test("a run survives a lost connection, and its report is said again", async () => {
  const signed = candidate(1);
  start(signed);
  const { instance } = await reported(signed.runId, "running");
  const before = reports(signed.runId).length;
  fake.dropStreams();
  await until(() => reports(signed.runId).length > before, "said again");
  fake.push({ case: "shadow", value: { runId: signed.runId, version: 1n, digest: signed.digest } });
  expect(await reported(signed.runId, "running")).toMatchObject({ instance });
});

test("a candidate that may not run is refused by name, and the bundle in force is untouched", async () => {
  await until(() => plane.site.current().ok || fake.calls.includes("fetchBundle"), "bundle");
  await until(() => plane.site.current().ok, "bundle applied");
  const before = plane.site.current();
  const newer = candidate(5);
  start(newer);
  await reported(newer.runId, "running");
  const older = candidate(4);
  start(older);
  expect(await reported(older.runId, "refused")).toMatchObject({ reasonCode: "bundle.rollback" });
  const foreign = candidate(6, { siteId: newId() });
  start(foreign);
  expect(await reported(foreign.runId, "refused")).toMatchObject({ reasonCode: "bundle.wrong_site" });
  const huge = { ...candidate(7), envelope: new Uint8Array(SHADOW_BYTES_MAX + 1) };
  start(huge);
  expect(await reported(huge.runId, "refused")).toMatchObject({ reasonCode: "shadow.too_large" });
  expect(plane.site.current()).toBe(before);
});
