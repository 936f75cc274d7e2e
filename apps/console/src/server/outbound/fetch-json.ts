import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import type { AddressPolicy } from "./address-policy.ts";
import { AddressRefused, guardedAgent } from "./guarded-agent.ts";

/** Why there is no answer, in words for whoever named the address; never what was answered. */
export type FetchError = TaggedError<
  | "outbound.bad_url"
  | "outbound.refused"
  | "outbound.unreachable"
  | "outbound.status"
  | "outbound.too_long"
  | "outbound.not_json"
>;

/** Bounds of one request. */
export interface FetchBounds {
  /** from the start to the last byte */
  readonly timeoutMs: number;
  readonly bytesMax: number;
}

/** Reads one JSON document from an address of a tenant's choice, over addresses that may be reached, following no redirect. */
export async function fetchJson(
  address: string,
  policy: AddressPolicy,
  bounds: FetchBounds,
): Promise<Result<unknown, FetchError>> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:") || url.username !== "" || url.password !== "")
    return err(fault("outbound.bad_url", "this is not an address that can be asked (https, without credentials)"));
  const answered = await get(url, policy, bounds).catch((cause: unknown) => err(reasonOf(cause, url, bounds)));
  if (!answered.ok) return answered;
  try {
    return ok(JSON.parse(answered.value));
  } catch {
    return err(fault("outbound.not_json", "the answer is not JSON"));
  }
}

function get(url: URL, policy: AddressPolicy, bounds: FetchBounds): Promise<Result<string, FetchError>> {
  const protocol = url.protocol === "https:" ? "https:" : "http:";
  const request = protocol === "https:" ? requestHttps : requestHttp;
  const signal = AbortSignal.timeout(bounds.timeoutMs);
  const headers = { accept: "application/json", "accept-encoding": "identity" };
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: guardedAgent(protocol, policy), signal, headers }, (answer) => {
      const end = (result: Result<string, FetchError>) => {
        resolve(result);
        answer.destroy();
      };
      const status = answer.statusCode ?? 0;
      if (status >= 300 && status < 400)
        return end(err(fault("outbound.status", `${url.host} leads elsewhere (${status}): give the address itself`)));
      if (status !== 200) return end(err(fault("outbound.status", `${url.host} answered ${status}`)));
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > bounds.bytesMax) end(err(fault("outbound.too_long", "the answer is too long")));
      });
      answer.on("error", reject);
      answer.on("end", () => resolve(ok(Buffer.concat(chunks).toString("utf8"))));
    });
    asked.on("error", reject);
    asked.end();
  });
}

function reasonOf(cause: unknown, url: URL, bounds: FetchBounds): FetchError {
  if (cause instanceof AddressRefused)
    return fault(
      "outbound.refused",
      "it is not a public address over https; whoever runs Sluice can allow its network (SLUICE_OUTBOUND_ALLOW)",
    );
  const aborted = cause instanceof Error && (cause.name === "TimeoutError" || cause.name === "AbortError");
  if (aborted) return fault("outbound.unreachable", `no answer within ${bounds.timeoutMs / 1000} s`);
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return taggedError("outbound.unreachable", `cannot be reached${code}`, { internal: `${url.host}: ${String(cause)}` });
}

function fault(code: FetchError["code"], text: string): FetchError {
  return taggedError(code, text, { retry: "after-change" });
}
