import { hostOf, type RequestFacts } from "./request.ts";
import type { Web } from "./web.ts";

/**
 * Whether a request that changes something and is proven by a cookie comes from our own pages: its Origin names the host
 * it was sent to. Browsers always send Origin with such requests, so its absence counts as foreign.
 */
export function fromOwnOrigin(web: Pick<Web, "trustsProxy">, facts: Pick<RequestFacts, "header">): boolean {
  const origin = facts.header("origin");
  if (!origin || !URL.canParse(origin)) return false;
  return new URL(origin).host === hostOf(web, facts)?.toLowerCase();
}
