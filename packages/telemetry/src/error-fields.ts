const CAUSES_MAX = 3;

/** What a log line says of an error: never its own further fields, which may carry rows, statements or requests. */
export interface ErrorFields {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorFields;
}

function codeOf(error: Error): string | undefined {
  if (!("code" in error)) return undefined;
  return typeof error.code === "string" || typeof error.code === "number" ? String(error.code) : undefined;
}

// SQLSTATE classes 22 (data exception) and 23 (constraint violation) quote the customer's values in their message.
function quotesValues(code: string | undefined): boolean {
  return code !== undefined && /^2[23][0-9A-Z]{3}$/.test(code);
}

/** Reduces anything thrown to fields that are safe to log; follows `cause` at most three deep. */
export function errorFields(thrown: unknown, depth = 0): ErrorFields {
  if (!(thrown instanceof Error)) {
    return { type: typeof thrown, message: typeof thrown === "string" ? thrown.slice(0, 500) : "not an Error" };
  }
  const code = codeOf(thrown);
  const hidden = quotesValues(code);
  const fields: ErrorFields = {
    type: thrown.name,
    message: hidden ? "[redacted: the message may quote data]" : thrown.message,
    ...(code === undefined ? {} : { code }),
    ...(hidden || thrown.stack === undefined ? {} : { stack: thrown.stack }),
  };
  if (thrown.cause === undefined || depth >= CAUSES_MAX) return fields;
  return { ...fields, cause: errorFields(thrown.cause, depth + 1) };
}
