import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SHADOW_BYTES_MAX } from "@sluice/bundle";
import { type Clock, newId, type Result } from "@sluice/kernel";
import type { ShadowNotice } from "@sluice/proto";
import { logger } from "@sluice/telemetry";
import { z } from "zod";
import type { ShadowSample, ShadowSession, ShadowTap } from "../pipeline/shadow-tap.ts";
import { noTotals } from "../shadow/messages.ts";
import { type RunReport, ShadowRunner } from "../shadow/shadow-runner.ts";
import { fullJitter } from "./backoff.ts";
import type { Enrolment } from "./enrolment.ts";
import { shadowMessage } from "./messages.ts";
import type { RpcError } from "./rpc.ts";
import type { MovableSite } from "./site-state.ts";
import { readIfThere, replaceFile } from "./state-files.ts";
import type { Outgoing } from "./stream.ts";

const log = logger("enforcer.shadow");

const REPORT_MS = 2_000;
const FETCH_TRIES_MAX = 5;
const floorSchema = z.object({ version: z.number().int().nonnegative() });

/** What a desk works with. */
export interface ShadowDeskOptions {
  readonly stateDir: string;
  readonly enrolment: Pick<Enrolment, "bundleKey" | "orgId" | "siteId">;
  readonly site: Pick<MovableSite, "loaded">;
  readonly clock: Clock;
}

/** How the desk reaches the control plane. */
export interface ShadowUplink {
  fetch(runId: string): Promise<Result<Uint8Array, RpcError>>;
  /** False when it could not be handed over. */
  send(body: Outgoing): boolean;
}

interface Run {
  readonly runId: string;
  readonly digest: string;
  readonly instance: string;
  runner: ShadowRunner | undefined;
  /** when there is no runner (yet): how it stands */
  standing: RunReport;
  sent: string;
}

/** Runs at most one candidate beside the bundle in force, as the control plane says, and reports to it. Nothing is enforced. */
export class ShadowDesk implements ShadowTap {
  readonly #options: ShadowDeskOptions;
  #uplink: ShadowUplink | undefined;
  #run: Run | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ShadowDeskOptions) {
    this.#options = options;
  }

  connect(uplink: ShadowUplink): void {
    this.#uplink = uplink;
  }

  exchange(recorded: { readonly id: string }, sample: ShadowSample | undefined): void {
    this.#run?.runner?.exchange(recorded, sample);
  }

  session(exchangeId: string, session: ShadowSession): void {
    this.#run?.runner?.session(exchangeId, session);
  }

  /** Which candidate shall run now; the same again (after a reconnect) changes nothing but sends the report once more. */
  noticed({ runId, digest }: Pick<ShadowNotice, "runId" | "digest">): void {
    const run = this.#run;
    if (run && run.runId === runId && run.digest === digest) {
      run.sent = "";
      return this.#report();
    }
    if (run?.runner) run.runner.end("stopped");
    if (runId === "") return;
    log.info({ runId }, "shadow.started");
    this.#run = { runId, digest, instance: newId(), runner: undefined, standing: standing("loading"), sent: "" };
    void this.#start(this.#run);
    this.#timer ??= setInterval(() => this.#tick(), REPORT_MS).unref();
  }

  /** After a reconnect the last report is said again. */
  resend(): void {
    if (this.#run) this.#run.sent = "";
    this.#report();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#run?.runner?.close();
  }

  async #start(run: Run): Promise<void> {
    const fetched = await this.#fetch(run);
    if (this.#run !== run) return;
    if (!fetched.ok) return this.#stand(run, "failed", fetched.code, fetched.reason);
    if (fetched.envelope.length > SHADOW_BYTES_MAX) {
      const reason = `The candidate has ${fetched.envelope.length} bytes; an enforcer runs at most ${SHADOW_BYTES_MAX}.`;
      return this.#stand(run, "refused", "shadow.too_large", reason);
    }
    const { stateDir, enrolment, site, clock } = this.#options;
    const { bundleKey, orgId, siteId } = enrolment;
    const { runId, digest } = run;
    const times = { versionFloor: this.#floor(), nowMs: clock.now() };
    run.runner = new ShadowRunner({
      trust: { stateDir, bundleKey, orgId, siteId, runId, digest, ...times, envelope: fetched.envelope },
      clock,
      loaded: () => site.loaded(),
      onReady: (version) => this.#ready(version),
      onOver: () => this.#over(run),
    });
  }

  async #fetch(run: Run): Promise<Fetched> {
    const backoff = fullJitter({ firstMs: 200, maxMs: 5_000 });
    for (let tries = 1; ; tries++) {
      const answer = await this.#uplink?.fetch(run.runId);
      if (answer?.ok) return { ok: true, envelope: answer.value };
      const { code, public: reason } = answer?.error ?? { code: "rpc.unreachable", public: "There is no connection." };
      if (tries >= FETCH_TRIES_MAX || this.#run !== run) return { ok: false, code, reason };
      await sleep(backoff.next());
    }
  }

  #stand(run: Run, state: RunReport["state"], reasonCode: string, reason: string): void {
    log.warn({ runId: run.runId, state, code: reasonCode }, "shadow.not_run");
    run.standing = { ...standing(state), reasonCode, reason };
    this.#report();
  }

  #ready(version: number): void {
    try {
      replaceFile(this.#floorPath(), JSON.stringify({ version }));
    } catch (error) {
      log.warn({ err: error }, "shadow.floor_not_stored"); // it runs: nothing of it is enforced
    }
    this.#report();
  }

  #over(run: Run): void {
    const { state, decided, dropped, failed, flips } = reportOf(run);
    log.info({ runId: run.runId, state, decided, dropped, failed, flips }, "shadow.over");
    this.#send(run);
  }

  #tick(): void {
    this.#run?.runner?.refresh();
    this.#report();
  }

  #report(): void {
    if (this.#run) this.#send(this.#run);
  }

  #send(run: Run): void {
    const { runId, digest, instance } = run;
    const message = shadowMessage({ runId, digest, instance, ...reportOf(run) });
    const text = JSON.stringify(reportOf(run));
    if (text !== run.sent && this.#uplink?.send(message)) run.sent = text;
  }

  #floorPath(): string {
    return join(this.#options.stateDir, "shadow-floor.json");
  }

  #floor(): number {
    const stored = readIfThere(this.#floorPath());
    return stored === undefined ? 0 : floorSchema.parse(JSON.parse(stored.toString("utf8"))).version;
  }
}

type Fetched =
  | { readonly ok: true; readonly envelope: Uint8Array }
  | { readonly ok: false; readonly code: string; readonly reason: string };

function standing(state: RunReport["state"]): RunReport {
  return { ...noTotals, state, reasonCode: "", reason: "", repeated: 0, dropped: 0 };
}

function reportOf(run: Run): RunReport {
  return run.runner?.report() ?? run.standing;
}
