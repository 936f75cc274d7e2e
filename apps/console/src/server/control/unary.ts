import { type handleUnaryCall, type ServerUnaryCall, status } from "@grpc/grpc-js";
import type { Result, TaggedError } from "@sluice/kernel";
import { logger } from "@sluice/telemetry";

const log = logger("control.rpc");

/** The gRPC status of each refusal; what is not listed is FAILED_PRECONDITION. */
const statuses: Readonly<Record<string, status>> = {
  "enforcer.no_certificate": status.UNAUTHENTICATED,
  "enforcer.foreign_certificate": status.UNAUTHENTICATED,
  "enforcer.ended_certificate": status.UNAUTHENTICATED,
  // The enforcer takes this one as final and wipes its cache, so nothing else on the stream may say it.
  "enforcer.banned": status.PERMISSION_DENIED,
  "enrol.unknown_token": status.PERMISSION_DENIED,
  "enrol.used": status.PERMISSION_DENIED,
  "enrol.expired": status.PERMISSION_DENIED,
  "enrol.banned": status.PERMISSION_DENIED,
  "enrol.enrolled_already": status.PERMISSION_DENIED,
  "certificate.bad_request": status.INVALID_ARGUMENT,
  "certificate.bad_proof": status.INVALID_ARGUMENT,
  "certificate.bad_key": status.INVALID_ARGUMENT,
  "bundle.none": status.NOT_FOUND,
  "shadow.none": status.NOT_FOUND,
};

/** A refusal as gRPC says it: the public text only. */
export function statusOf(error: TaggedError): { code: status; details: string } {
  return { code: statuses[error.code] ?? status.FAILED_PRECONDITION, details: error.public };
}

/** What a failure of the world looks like from outside: try again later, no more. */
export const unavailable = { code: status.UNAVAILABLE, details: "The control plane cannot answer now: try again." };

/** A unary method from a use case: refusals become statuses, what throws is logged and becomes UNAVAILABLE. */
export function unary<Request, Response>(
  name: string,
  handle: (request: Request, peerDer: Uint8Array | undefined) => Promise<Result<Response, TaggedError>>,
): handleUnaryCall<Request, Response> {
  const answer: (...args: Parameters<handleUnaryCall<Request, Response>>) => Promise<void> = async (call, callback) => {
    let result: Result<Response, TaggedError>;
    try {
      result = await handle(call.request, peerOf(call));
    } catch (error) {
      log.error({ err: error, rpc: name }, "rpc.failed");
      return callback(unavailable);
    }
    if (result.ok) return callback(null, result.value);
    log.warn({ rpc: name, code: result.error.code, reason: result.error.internal }, "rpc.refused");
    callback(statusOf(result.error));
  };
  return (call, callback) => void answer(call, callback);
}

/** The certificate that the connection proved, when one of the orgs' authorities issued it. */
export function peerOf(call: Pick<ServerUnaryCall<unknown, unknown>, "getAuthContext">): Uint8Array | undefined {
  return call.getAuthContext().sslPeerCertificate?.raw;
}
