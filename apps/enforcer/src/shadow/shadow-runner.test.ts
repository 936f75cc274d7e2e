import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleDigest, generateSigningKey, rawPublicKey, signBundle, signShadow } from "@sluice/bundle";
import { compilePolicies } from "@sluice/bundle/build";
import { starterPolicies } from "@sluice/bundle/starter";
import { newId, systemClock, unwrap } from "@sluice/kernel";
import { configureLogs } from "@sluice/telemetry";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LoadedBundle } from "../control/site.ts";
import type { Catalogue, StatementFacts } from "../languages/facts.ts";
import { bundleOf, person } from "../pipeline/bundle.fixture.ts";
import { decideRequest } from "../pipeline/decide.ts";
import type { DecisionInput } from "../pipeline/decision.ts";
import type { ShadowSample } from "../pipeline/shadow-tap.ts";
import { QUEUE_MAX, type RunnerOptions, ShadowRunner } from "./shadow-runner.ts";

// Starting a thread takes seconds on a machine that is busy.
vi.setConfig({ testTimeout: 60_000 });
const patience = { timeout: 40_000 };

const { privateKey } = generateSigningKey();
const runId = newId();
const misbehaving = new URL("./shadow-hanging.fixture.ts", import.meta.url);
const catalogue: Catalogue = {
  version: "1",
  relations: [{ oid: 1, schema: "public", name: "customers", kind: "table", columns: [] }],
  functions: [],
  relationByOid: new Map(),
  relationByName: new Map(),
  functionsByName: new Map(),
  schemas: ["public"],
};
let bundle: LoadedBundle;
let stateDir: string;
const runners: ShadowRunner[] = [];

beforeEach(() => {
  configureLogs({ level: "silent" });
  stateDir = mkdtempSync(join(tmpdir(), "sluice-shadow-"));
  const made = bundleOf();
  const content = { ...made.content, expiresAtMs: Date.now() + 60_000 };
  bundle = { ...made, content, digest: bundleDigest(content) };
  writeFileSync(join(stateDir, "bundle.json"), signBundle(content, privateKey).envelope);
});
afterEach(() => {
  for (const runner of runners.splice(0)) runner.close();
  rmSync(stateDir, { recursive: true, force: true });
});

function candidate(access: string, expiresAtMs = Date.now() + 60_000) {
  const starter = starterPolicies();
  const policies = unwrap(compilePolicies({ ...starter, access: `${starter.access}\n${access}` }));
  const { orgId, siteId } = bundle.content;
  const content = { orgId, siteId, runId, version: 3, builtAtMs: Date.now(), expiresAtMs, schemaVersion: 1, policies };
  return signShadow(content, privateKey);
}

async function run(
  { envelope, digest }: { readonly envelope: Uint8Array; readonly digest: string },
  changed: Partial<RunnerOptions> = {},
): Promise<ShadowRunner> {
  const { orgId, siteId } = bundle.content;
  const trust = { stateDir, bundleKey: rawPublicKey(privateKey), orgId, siteId, versionFloor: 0, nowMs: Date.now() };
  const runner = new ShadowRunner({
    trust: { ...trust, runId, digest, envelope },
    clock: systemClock,
    loaded: () => bundle,
    onReady: () => undefined,
    onOver: () => undefined,
    ...changed,
  });
  runners.push(runner);
  await expect.poll(() => runner.state, patience).not.toBe("loading");
  return runner;
}

function sample(column = "email"): ShadowSample {
  const [resource] = bundle.content.resources;
  if (!resource) throw new Error("the bundle has no resource");
  const input: DecisionInput = {
    bundle,
    catalogue,
    resource,
    identity: person("ana"),
    client: { ip: "127.0.0.1", application: "test", protocol: "postgres" },
    statements: [select(column)],
    inTransaction: false,
    nowMs: Date.now(),
  };
  return { input, decision: decideRequest(input) };
}

const select = (column: string): StatementFacts => ({
  command: "SELECT",
  accesses: [
    {
      action: "sql.read.select",
      object: { kind: "table", schema: "public", name: "customers" },
      columnsRead: [column],
      columnsWritten: [],
      columnsFiltered: [],
    },
  ],
  functions: [],
  unparsed: false,
  opaque: false,
  dynamic: false,
  unbounded: false,
  multiStatement: false,
  returnsRows: true,
  changesSession: false,
  transaction: "none",
  span: [0, 10],
});

const seesEmail = `@id("ana-sees-email") permit (principal == User::"ana", action == Action::"unmask", resource == DataClass::"email");`;

async function reported(runner: ShadowRunner, enough: (report: ReturnType<ShadowRunner["report"]>) => boolean) {
  await expect.poll(() => (runner.refresh(), enough(runner.report())), patience).toBe(true);
  return runner.report();
}

describe("a candidate in its thread", () => {
  test("decides what was decided, with its own policies and the data in force, and names what flips", async () => {
    const runner = await run(candidate(seesEmail));
    runner.exchange({ id: "x1" }, sample());
    runner.exchange({ id: "x2" }, sample());
    runner.exchange({ id: "x3" }, sample("id"));
    const report = await reported(runner, ({ decided }) => decided === 3);
    expect(report).toMatchObject({ state: "running", flips: 2, dropped: 0, failed: 0, unreplayable: 0 });
    expect(report.groups).toEqual([
      {
        kind: "masked_to_clear",
        policies: ["ana-sees-email"],
        principal: 'User::"ana"',
        onBehalfOf: "",
        action: "unmask",
        resource: 'DataClass::"email"',
        count: 2,
        exchangeIds: ["x1", "x2"],
      },
    ]);
  });

  test("finds no difference where the policies are the same", async () => {
    const runner = await run(candidate(""));
    runner.exchange({ id: "x1" }, sample());
    expect(await reported(runner, ({ decided }) => decided === 1)).toMatchObject({ flips: 0, groups: [] });
  });

  test("counts apart what it did not decide: repeats, what policies were not asked for, and an older bundle's", async () => {
    const runner = await run(candidate(seesEmail));
    const once = sample();
    runner.exchange({ id: "x1" }, once);
    runner.exchange({ id: "x2" }, once);
    runner.exchange({ id: "x3" }, undefined);
    const old = sample();
    runner.exchange({ id: "x4" }, { ...old, input: { ...old.input, bundle: { ...bundle } } });
    const report = await reported(runner, ({ decided, unreplayable }) => decided === 1 && unreplayable === 2);
    expect(report).toMatchObject({ repeated: 1, flips: 1 });
  });

  test("drops what does not fit its queue, and says how much", async () => {
    const runner = await run(candidate(""));
    for (let count = 0; count < QUEUE_MAX + 5; count += 1) runner.exchange({ id: `x${count}` }, sample("id"));
    expect(runner.report().dropped).toBe(5);
    expect(await reported(runner, ({ decided }) => decided === QUEUE_MAX)).toMatchObject({ dropped: 5 });
  });

  test("ends by itself at its time, with its last totals", async () => {
    const expiresAtMs = Date.now() + 600_000;
    const clock = { ...systemClock, now: () => expiresAtMs - 500 };
    const runner = await run(candidate(seesEmail, expiresAtMs), { clock });
    runner.exchange({ id: "x1" }, sample());
    await expect.poll(() => runner.state, patience).toBe("ended");
    expect(runner.report()).toMatchObject({ decided: 1, flips: 1 });
    runner.exchange({ id: "x2" }, sample());
    expect(runner.report()).toMatchObject({ decided: 1, dropped: 0 });
  });

  test.each([
    ["signed by another key", { privateKey: generateSigningKey().privateKey }, "bundle.unknown_key"],
    ["of another run", { runId: newId() }, "bundle.wrong_run"],
    ["of another site", { siteId: newId() }, "bundle.wrong_site"],
    [
      "in a language it does not know",
      { policies: { guardrails: { language: "9.9" }, access: {}, obligations: {} } },
      "bundle.bad_policies",
    ],
  ])("one %s never runs", async (_, changed, code) => {
    const { orgId, siteId } = bundle.content;
    const policies = unwrap(compilePolicies(starterPolicies()));
    const { privateKey: key, ...fields } = { privateKey, ...changed };
    const times = { builtAtMs: Date.now(), expiresAtMs: Date.now() + 60_000 };
    const content = { orgId, siteId, runId, version: 3, schemaVersion: 1, policies, ...times, ...fields };
    const runner = await run(signShadow(content, key));
    expect(runner.report()).toMatchObject({ state: "refused", reasonCode: code });
  });
});

describe("a candidate that misbehaves ends its own run and delays nobody", () => {
  const way = (number: number) => ({ envelope: new Uint8Array([number]), digest: "" });

  test.each([
    ["never answers", 1, { answerTimeoutMs: 300 }, "shadow.no_answer"],
    ["throws", 2, {}, "shadow.crashed"],
    ["fills its heap", 3, { heapMbMax: 24 }, "shadow.too_large"],
  ])("one that %s", async (_, number, changed, code) => {
    const runner = await run(way(number), { program: misbehaving, ...changed });
    const expected = sample().decision.kind;
    const before = process.threadCpuUsage();
    let turns = 0;
    for (; runner.state === "running"; turns += 1) {
      const decided = sample();
      runner.exchange({ id: `x${turns}` }, decided);
      expect(decided.decision.kind).toBe(expected);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const report = runner.report();
    expect(report).toMatchObject({ state: "failed", reasonCode: code, decided: 0 });
    expect(report.failed).toBeGreaterThan(0);
    // what this thread spent, deciding itself included: time on the wall says more about the machine
    expect(process.threadCpuUsage(before).user / turns).toBeLessThan(20_000);
  });
});
