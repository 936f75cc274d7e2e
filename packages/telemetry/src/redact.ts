/**
 * Names of fields that are never written to a log, at the top of a line and up to two levels down: secrets, proofs,
 * and whatever holds a customer's data (statement text, parameters, rows).
 */
export const REDACTED_FIELDS = [
  "password",
  "passphrase",
  "token",
  "accessToken",
  "refreshToken",
  "idToken",
  "apiToken",
  "enrolToken",
  "secret",
  "clientSecret",
  "privateKey",
  "key",
  "sealKey",
  "maskKey",
  "jwk",
  "authorization",
  "cookie",
  "headers",
  "credential",
  "credentials",
  "connectionString",
  "databaseUrl",
  "statement",
  "sql",
  "query",
  "parameters",
  "params",
  "row",
  "values",
  "body",
  "detail",
] as const;

/** Paths for pino's `redact`, made from the list. */
export function redactionPaths(fields: readonly string[] = REDACTED_FIELDS): string[] {
  return fields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
}
