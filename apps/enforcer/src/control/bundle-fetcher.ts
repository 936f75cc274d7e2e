import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "@grpc/grpc-js";
import { type BundleNotice, ControlService } from "@sluice/proto";
import { logger } from "@sluice/telemetry";
import { fullJitter } from "./backoff.ts";
import type { BundleKeeper } from "./bundle-keeper.ts";
import { call } from "./rpc.ts";
import type { Outgoing } from "./stream.ts";

const log = logger("enforcer.control");

const TRIES_MAX = 5;

/** Fetches the site's bundle when told that there is a newer one. */
export interface BundleFetcher {
  /** Without a notice: whatever the current one is. While one fetch runs, further notices lead to one more. */
  fetch(notice?: Pick<BundleNotice, "version" | "digest">): void;
  close(): void;
}

/** What the fetcher works with. */
export interface BundleFetcherOptions {
  readonly openClient: () => Client;
  readonly keeper: BundleKeeper;
  /** tells the control plane what became of it */
  readonly report: (body: Outgoing) => void;
}

interface Wanted {
  readonly version: bigint;
  readonly digest: string;
}

/** A fetcher that applies one bundle at a time. */
export function createBundleFetcher({ openClient, keeper, report }: BundleFetcherOptions): BundleFetcher {
  let wanted: Wanted | undefined;
  let running = false;
  let closed = false;

  function status(of: Wanted, refusal?: { code: string; public: string }): void {
    const refused = { reasonCode: refusal?.code ?? "", reason: refusal?.public ?? "" };
    report({ case: "bundleStatus", value: { ...of, applied: refusal === undefined, ...refused } });
  }

  async function run(): Promise<void> {
    if (running) return;
    running = true;
    try {
      while (wanted !== undefined && !closed) {
        const of = wanted;
        wanted = undefined;
        await fetchOne(of);
      }
    } catch (error) {
      log.error({ err: error }, "bundle.fetch_failed");
    } finally {
      running = false;
    }
  }

  async function fetchOne(of: Wanted): Promise<void> {
    const backoff = fullJitter({ firstMs: 200, maxMs: 5_000 });
    for (let tries = 1; !closed; tries++) {
      const client = openClient();
      const answer = await call(client, ControlService.method.fetchBundle, {}).finally(() => client.close());
      if (answer.ok) return apply(of, answer.value.envelope);
      log.warn({ code: answer.error.code, reason: answer.error.internal, tries }, "bundle.not_fetched");
      if (answer.error.code === "rpc.not_found") return; // the site has none yet: a notice will come
      if (tries >= TRIES_MAX || wanted !== undefined) return status(of, answer.error);
      await sleep(backoff.next());
    }
  }

  function apply(of: Wanted, envelope: Uint8Array): void {
    const applied = keeper.apply(envelope);
    if (applied.ok) return status({ version: BigInt(applied.value.version), digest: applied.value.digest });
    log.error(
      { code: applied.error.code, reason: applied.error.internal, version: Number(of.version) },
      "bundle.refused",
    );
    status(of, applied.error);
  }

  return {
    fetch: (notice) => {
      const applied = keeper.applied();
      if (notice !== undefined && applied?.digest === notice.digest && notice.digest !== "") {
        return status({ version: BigInt(applied.version), digest: applied.digest });
      }
      wanted = { version: notice?.version ?? 0n, digest: notice?.digest ?? "" };
      void run();
    },
    close: () => {
      closed = true;
    },
  };
}
