import { err, ok, type Result } from "@sluice/kernel";
import { z } from "zod";
import type { ConsoleAccess } from "../env.ts";

/** Why the console did not do what was asked: `refused` says the request itself is at fault, `failed` that nothing was decided. */
export interface ConsoleRefusal {
  readonly kind: "refused" | "failed";
  readonly text: string;
}

const TIMEOUT_MS = 60_000;
const ANSWER_BYTES_MAX = 64 * 1_048_576;
const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), reasons: z.array(z.string()).optional() }),
});

/** Asks one route of /api/v1 with the token. Never follows a redirect: the token is for this address alone. */
export async function askConsole<T>(
  { url, token }: ConsoleAccess,
  path: string,
  schema: z.ZodType<T>,
  body?: object,
): Promise<Result<T, ConsoleRefusal>> {
  try {
    const response = await fetch(new URL(`/api/v1${path}`, url), {
      method: body === undefined ? "GET" : "POST",
      headers: {
        authorization: `Bearer ${token.reveal()}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (text.length > ANSWER_BYTES_MAX) return failed(`${url.origin} answered more than ${ANSWER_BYTES_MAX} bytes.`);
    const json: unknown = JSON.parse(text);
    if (!response.ok) return refusal(response.status, json, url);
    const answer = schema.safeParse(json);
    return answer.success
      ? ok(answer.data)
      : failed(`${url.origin} answered in a form that this version does not know.`);
  } catch (error) {
    const next = "Check SLUICE_URL and that the console runs.";
    return failed(`${url.origin} cannot be asked: ${reasonOf(error)}. ${next}`);
  }
}

function refusal(status: number, json: unknown, url: URL): Result<never, ConsoleRefusal> {
  const parsed = errorSchema.safeParse(json);
  if (!parsed.success) return failed(`${url.origin} answered with status ${status}.`);
  const { message, reasons = [] } = parsed.data.error;
  const text = [message, ...reasons].join("\n");
  return err({ kind: status === 400 || status === 409 ? "refused" : "failed", text });
}

function failed(text: string): Result<never, ConsoleRefusal> {
  return err({ kind: "failed", text });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
