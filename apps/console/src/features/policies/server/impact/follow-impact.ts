import { TRPCError } from "@trpc/server";
import type { Deps } from "../../../../server/deps.ts";
import { wakesOn } from "../../../../server/live.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Impact } from "../../impact-schemas.ts";
import { impactChannel } from "./impact-rows.ts";
import { readImpact } from "./read-impact.ts";

/** A replay now and after each step, until it has ended or the signal. Throws NOT_FOUND for one that is not there. */
export async function* followImpact(
  deps: Deps,
  scope: OrgScope,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<{ id: string; event: Impact }> {
  let before = "";
  for await (const _ of wakesOn(deps, impactChannel(id), signal)) {
    const impact = await readImpact(deps, scope, { id });
    if (!impact.ok) throw new TRPCError({ code: "NOT_FOUND", message: impact.error.public });
    const now = JSON.stringify(impact.value);
    if (now !== before) yield { id: `${impact.value.status} ${impact.value.seen}`, event: impact.value };
    before = now;
    if (impact.value.status !== "queued" && impact.value.status !== "running") return;
  }
}
