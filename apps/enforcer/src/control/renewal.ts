import type { Client } from "@grpc/grpc-js";
import { type Clock, err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { ControlService, EnrolmentService, type RenewResponse } from "@sluice/proto";
import { logger } from "@sluice/telemetry";
import { certificateRequest, isForKey, validity } from "./certificate-request.ts";
import { parseCertificate } from "./enrol.ts";
import type { EnrolmentStore } from "./enrolment.ts";
import { call, openClient, type RpcError } from "./rpc.ts";

const log = logger("enforcer.control");

const RETRY_MS_MIN = 5_000;

/** Why there is no new certificate. */
export type RenewalError = RpcError | TaggedError<"renewal.bad_answer" | "renewal.no_certificate">;

/** What renewing needs. */
export interface RenewalOptions {
  readonly address: string;
  readonly serverCaPem: string;
  readonly store: EnrolmentStore;
  readonly clock: Clock;
  /** a connection that proves itself with the certificate in use */
  readonly openProven: () => Client;
}

/**
 * Gets a fresh certificate for the same key: with the present one while it holds, else by showing the ended one and
 * signing with its key. The running stream is not touched; the next connection uses the new certificate.
 */
export async function renew(options: RenewalOptions): Promise<Result<void, RenewalError>> {
  const { store, clock } = options;
  const certificate = store.certificate();
  if (certificate === undefined) return err(taggedError("renewal.no_certificate", "There is no certificate to renew."));
  const csrDer = await certificateRequest(store.key());
  const ended = validity(certificate).toMs <= clock.now();
  const answer = ended
    ? await recover(options, { csrDer, certificateDer: certificate.raw })
    : await withClient(options.openProven(), (client) => call(client, ControlService.method.renew, { csrDer }));
  if (!answer.ok) return answer;
  const fresh = parseCertificate(answer.value.certificateDer);
  if (fresh === undefined || !isForKey(fresh, store.key()) || validity(fresh).toMs <= clock.now()) {
    return err(taggedError("renewal.bad_answer", "The renewed certificate does not fit the request."));
  }
  store.saveCertificate(answer.value.certificateDer);
  log.info({ certificateEndsAt: fresh.validToDate.toISOString(), recovered: ended }, "certificate.renewed");
  return ok(undefined);
}

function recover(
  options: RenewalOptions,
  request: { csrDer: Uint8Array; certificateDer: Uint8Array },
): Promise<Result<RenewResponse, RpcError>> {
  const client = openClient(options.address, { serverCaPem: options.serverCaPem });
  return withClient(client, () => call(client, EnrolmentService.method.recover, request));
}

async function withClient<T>(client: Client, work: (client: Client) => Promise<T>): Promise<T> {
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** Renews at half of each certificate's life until stopped; a failure is tried again within a twentieth of that life. */
export function keepRenewed(options: RenewalOptions): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function schedule(waitMs: number): void {
    if (!stopped) timer = setTimeout(() => void run(), Math.max(0, Math.min(waitMs, 2_147_483_647)));
  }

  function waitMs(): number {
    const certificate = options.store.certificate();
    if (certificate === undefined) return RETRY_MS_MIN;
    const { fromMs, toMs } = validity(certificate);
    return fromMs + (toMs - fromMs) / 2 - options.clock.now();
  }

  async function run(): Promise<void> {
    const renewed = await renew(options).catch((error: unknown) => {
      log.error({ err: error }, "certificate.renewal_failed");
      return undefined;
    });
    if (renewed?.ok) return schedule(waitMs());
    if (renewed !== undefined) {
      log.warn({ code: renewed.error.code, reason: renewed.error.internal }, "certificate.not_renewed");
    }
    schedule(RETRY_MS_MIN + Math.random() * lifeMs() * 0.05);
  }

  function lifeMs(): number {
    const certificate = options.store.certificate();
    if (certificate === undefined) return 0;
    const { fromMs, toMs } = validity(certificate);
    return toMs - fromMs;
  }

  schedule(waitMs());
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
