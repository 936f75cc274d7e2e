import type { ClientIdentity } from "../identity/identity.ts";
import type { Denial } from "../protocols/protocol.ts";
import type { RateTable } from "./rates.ts";

/** Counts one exchange of the acting principal; why it is refused when it is one too many. */
export function rateDenial(rates: RateTable, { principal }: ClientIdentity, limit: number): Denial | undefined {
  const excess = rates.take(`${principal.uid.type}:${principal.uid.id}`, limit);
  if (!excess) return undefined;
  return {
    kind: "rate",
    policyId: "limit.rate",
    reason: `${principal.name} has reached the ${excess.limit} a minute that policy allows here`,
    hint: `try again in ${excess.retryAfterS} s`,
  };
}
