import type { OrgTx } from "@sluice/db";
import { ok } from "@sluice/kernel";
import type { z } from "zod";
import { roleAllows, roleSchema } from "../../../../server/auth/permissions.ts";
import { changeActor } from "../../../../server/change-actor.ts";
import type { Deps } from "../../../../server/deps.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import { changeOrg } from "../../../bundles/index.ts";
import type { flipsRuleSchema, updateRuleInputSchema } from "../../request-schemas.ts";
import { flipsMaxNow, RAISE_DELAY_MS } from "../impact/publish-rule.ts";

type Rule = z.infer<typeof flipsRuleSchema>;

/** How many recorded decisions one person alone may flip, and who else could approve more. */
export async function readPublishRule(deps: Deps, scope: OrgScope): Answer<Rule> {
  return scope.data.tx(async (tx) => ok(await ruleOf(tx, deps, scope)));
}

/**
 * Sets the number. A lower one holds at once; a higher one a day later, so that nobody raises it and publishes before
 * others could see it. Setting the number that holds takes a waiting one back.
 */
export async function setPublishRule(
  deps: Deps,
  scope: OrgScope,
  { flipsMax }: z.infer<typeof updateRuleInputSchema>,
): Answer<Rule> {
  return changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
    const nowMs = deps.clock.now();
    const org = await tx.org.findUniqueOrThrow({ where: { id: scope.org.id } });
    const before = flipsMaxNow(org, nowMs);
    const raised = flipsMax > before;
    const from = new Date(nowMs + RAISE_DELAY_MS);
    const data = raised
      ? { flipsMax: before, flipsMaxNext: flipsMax, flipsMaxNextAt: from }
      : { flipsMax, flipsMaxNext: null, flipsMaxNextAt: null };
    const same = org.flipsMax === data.flipsMax && org.flipsMaxNext === data.flipsMaxNext;
    if (!same) {
      await tx.org.update({ where: { id: org.id }, data });
      notes.record({
        action: "publish_rule.set",
        target: `Org::"${scope.org.slug}"`,
        before: { flipsMax: before },
        after: { flipsMax, from: (raised ? from : new Date(nowMs)).toISOString() },
      });
    }
    return ok(await ruleOf(tx, deps, scope));
  });
}

async function ruleOf(tx: OrgTx, deps: Pick<Deps, "clock">, scope: OrgScope): Promise<Rule> {
  const nowMs = deps.clock.now();
  const org = await tx.org.findUniqueOrThrow({ where: { id: scope.org.id } });
  const { flipsMaxNext, flipsMaxNextAt } = org;
  const waits = flipsMaxNext !== null && flipsMaxNextAt !== null && flipsMaxNextAt.getTime() > nowMs;
  const others = await tx.member.findMany({
    where: { status: "active", lockedAt: null, id: { not: scope.actor.memberId } },
    select: { role: true },
  });
  return {
    flipsMax: flipsMaxNow(org, nowMs),
    next: waits ? { flipsMax: flipsMaxNext, from: flipsMaxNextAt.toISOString() } : null,
    others: others.filter(({ role }) => roleAllows(roleSchema.parse(role), "policies:approve")).length,
  };
}
