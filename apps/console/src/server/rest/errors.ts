import type { TaggedError } from "@sluice/kernel";
import { apiHeaders } from "../api-headers.ts";

const statusByCode: Readonly<Record<string, number>> = {
  "request.not_found": 404,
  "request.forbidden": 403,
  "request.conflict": 409,
  "request.too_many": 429,
  "policy.needs_second_person": 409,
  "policy.tests_fail": 409,
  "approval.own": 403,
  "approval.not_approver": 403,
  "approval.closed": 409,
  "approval.expired": 409,
  "approval.decided_already": 409,
  "approval.digest_mismatch": 409,
  "access_token.locked": 403,
};

/** The one translation from refusals to HTTP: a status, the stable code and the public text, nothing internal. */
export function refusalResponse(error: TaggedError): Response {
  return errorResponse(statusByCode[error.code] ?? 400, error.code, error.public);
}

/** An error as every route answers it. */
export function errorResponse(status: number, code: string, message: string, reasons?: readonly string[]): Response {
  const headers = { ...apiHeaders, ...(status === 401 ? { "www-authenticate": 'Bearer realm="sluice"' } : {}) };
  return Response.json({ error: { code, message, ...(reasons ? { reasons } : {}) } }, { status, headers });
}
