import { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, err, ok, type Result, type Secret, type TaggedError, taggedError } from "@sluice/kernel";
import { EnrolmentService, type EnrolResponse } from "@sluice/proto";
import { logger } from "@sluice/telemetry";
import { fullJitter } from "./backoff.ts";
import { certificateRequest, isForKey } from "./certificate-request.ts";
import type { Enrolment, EnrolmentStore } from "./enrolment.ts";
import { call, openClient, type RpcError } from "./rpc.ts";

const log = logger("enforcer.control");

/** How long an unreachable control plane is tried on the first start. */
const ENROL_PATIENCE_MS = 120_000;

/** Why there is no enrolment. */
export type EnrolError = TaggedError<"control.enrol_refused" | "control.enrol_unreachable">;

/** What enrolling needs. */
export interface EnrolOptions {
  readonly address: string;
  readonly serverCaPem: string;
  readonly version: string;
  readonly hostname: string;
  readonly clock: Clock;
  readonly enrolPatienceMs?: number;
}

/**
 * Exchanges a one-time token for a certificate over the enforcer's own key and pins the org's bundle key. Tries an
 * unreachable control plane for two minutes; a refusal is final.
 */
export async function enrol(
  options: EnrolOptions,
  store: EnrolmentStore,
  token: Secret<string>,
): Promise<Result<Enrolment, EnrolError>> {
  const backoff = fullJitter({ firstMs: 500, maxMs: 8_000 });
  const endMs = options.clock.monotonic() + (options.enrolPatienceMs ?? ENROL_PATIENCE_MS);
  const csrDer = await certificateRequest(store.key());
  for (;;) {
    const answer = await request(options, token, csrDer);
    if (answer.ok) return accept(answer.value, store);
    log.warn({ code: answer.error.code, reason: answer.error.internal }, "enrol.failed");
    if (answer.error.retry !== "later") {
      return err(taggedError("control.enrol_refused", refusedText(answer.error), { internal: answer.error.internal }));
    }
    if (options.clock.monotonic() > endMs) {
      const text = `The control plane at ${options.address} cannot be reached to enrol. Check the address, the network and the CA file.`;
      return err(taggedError("control.enrol_unreachable", text, { internal: answer.error.internal, retry: "later" }));
    }
    await sleep(backoff.next());
  }
}

function refusedText(error: RpcError): string {
  return `${error.public} Make a new enrolment token in the console: one token works once, within 15 minutes.`;
}

async function request(
  options: EnrolOptions,
  token: Secret<string>,
  csrDer: Uint8Array,
): Promise<Result<EnrolResponse, RpcError>> {
  const { address, serverCaPem, version, hostname } = options;
  const client = openClient(address, { serverCaPem });
  try {
    return await call(client, EnrolmentService.method.enrol, { token: token.reveal(), csrDer, version, hostname });
  } finally {
    client.close();
  }
}

function accept(answer: EnrolResponse, store: EnrolmentStore): Result<Enrolment, EnrolError> {
  const { orgId, siteId, enforcerId, bundleKey, certificateDer } = answer;
  const certificate = parseCertificate(certificateDer);
  const named = certificate?.subjectAltName?.includes(`/org/${orgId}/site/${siteId}/enforcer/${enforcerId}`) ?? false;
  if (certificate === undefined || !named || !isForKey(certificate, store.key()) || bundleKey.length !== 32) {
    const text = "The control plane's answer to the enrolment does not fit the request.";
    return err(taggedError("control.enrol_refused", text));
  }
  const enrolment = { orgId, siteId, enforcerId, bundleKey };
  store.save(enrolment, certificateDer);
  log.info({ orgId, siteId, enforcerId, certificateEndsAt: certificate.validToDate.toISOString() }, "enrol.done");
  return ok(enrolment);
}

/** The certificate of DER bytes, or undefined when they are none. */
export function parseCertificate(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined; // the caller refuses it by name
  }
}
