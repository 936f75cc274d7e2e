import type { KeyObject } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUNDLE_FORMAT, type BundleContent, generateSigningKey, signBundle } from "@sluice/bundle";
import { Secret, systemClock } from "@sluice/kernel";
import type { ControlOptions } from "./control-plane.ts";
import type { FakeControl } from "./fake-control.fixture.ts";

const emptySet = { language: "4.5", staticPolicies: {}, templates: {}, templateLinks: [] };

/** Content of a bundle that is valid for a minute. */
export function bundleContent(changed: Partial<BundleContent> = {}): BundleContent {
  return {
    format: BUNDLE_FORMAT,
    orgId: "0193a000-0000-7000-8000-000000000001",
    orgSlug: "acme",
    siteId: "0193a000-0000-7000-8000-000000000002",
    version: 1,
    policyVersion: 1,
    builtAtMs: Date.now(),
    expiresAtMs: Date.now() + 60_000,
    schemaVersion: 1,
    policies: { guardrails: emptySet, access: emptySet, obligations: emptySet },
    entities: [
      { uid: { type: "User", id: "ana" }, attrs: { handle: "ana", name: "Ana", email: "ana@acme.test" }, parents: [] },
      {
        uid: { type: "Agent", id: "copilot" },
        attrs: { handle: "copilot", name: "Copilot", onBehalfOf: { __entity: { type: "User", id: "ana" } } },
        parents: [],
      },
      { uid: { type: "Agent", id: "batch" }, attrs: { handle: "batch", name: "Batch" }, parents: [] },
    ],
    dataClasses: [],
    columnClasses: [],
    resources: [],
    tokenKeys: [],
    revokedTokens: [],
    lockedPrincipals: [],
    workflows: [],
    maskKey: "",
    ...changed,
  };
}

/** A key that signs bundles. */
export const bundleKeys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject } = generateSigningKey();

/** A bundle's envelope, signed. */
export function envelope(changed: Partial<BundleContent> = {}, key: KeyObject = bundleKeys.privateKey): Uint8Array {
  return signBundle(bundleContent(changed), key).envelope;
}

/** A fresh state directory. */
export function stateDirectory(): string {
  return mkdtempSync(join(tmpdir(), "sluice-state-"));
}

/** Options that reach a fake control plane. */
export function controlOptions(
  fake: FakeControl,
  stateDir: string,
  changed: Partial<ControlOptions> = {},
): ControlOptions {
  return {
    address: fake.address,
    serverCaPem: fake.serverCaPem,
    stateDir,
    enrolToken: new Secret("once"),
    spoolBytesMax: 67_108_864,
    version: "0.1.0",
    hostname: "test",
    clock: systemClock,
    ...changed,
  };
}

/** Waits until something holds, at most fifteen seconds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const endMs = performance.now() + 15_000;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
