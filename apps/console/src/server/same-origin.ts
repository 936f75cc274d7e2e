import { hostOf, type RequestFacts } from "./request.ts";
import type { Web } from "./web.ts";

/**
 * Whether a request that changes something and is proven by a cookie comes from our own pages: its Origin names the host
 * it was sent to, by the scheme that the console is reached by (anybody in between can serve pages of our host over plain
 * http). Browsers always send Origin with such requests, so its absence counts as foreign.
 */
export function fromOwnOrigin(
  web: Pick<Web, "trustsProxy"> & { readonly deps: Pick<Web["deps"], "publicUrl"> },
  facts: Pick<RequestFacts, "header">,
): boolean {
  const origin = facts.header("origin");
  if (!origin || !URL.canParse(origin)) return false;
  const { host, protocol } = new URL(origin);
  return protocol === web.deps.publicUrl.protocol && host === hostOf(web, facts)?.toLowerCase();
}
