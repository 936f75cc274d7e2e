import { ok } from "@sluice/kernel";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { countWaiting } from "../../approvals/index.ts";
import { enforcerProblem } from "../../enforcers/index.ts";
import type { Overview } from "../schemas.ts";
import { attentionOf } from "./attention.ts";
import { countExchanges } from "./count-exchanges.ts";

const CHANGES_SHOWN = 10;

/** Everything the first page answers, in one look at the database. */
export async function summarizeOverview(deps: Deps, scope: OrgScope): Answer<Overview> {
  const nowMs = deps.clock.now();
  const exchanges = await countExchanges(scope, nowMs);
  const facts = await scope.data.tx(async (tx) => ({
    waiting: await countWaiting(tx, scope.actor, nowMs),
    enforcers: await tx.enforcer.findMany({ orderBy: { name: "asc" } }),
    resources: await tx.resource.count(),
    policyVersion: (await tx.policyVersion.aggregate({ _max: { version: true } }))._max.version,
    changes: await tx.record.findMany({
      where: { kind: "change" },
      orderBy: { at: "desc" },
      take: CHANGES_SHOWN,
      select: { id: true, at: true, principalName: true, actions: true, objects: true },
    }),
  }));
  const enforcers = facts.enforcers.filter(({ status }) => status !== "banned");
  const notCurrent = enforcers.flatMap((enforcer) => {
    const problem = enforcerProblem(enforcer, nowMs);
    if (problem === null) return [];
    const { id, name, status, appliedVersion, desiredVersion } = enforcer;
    return [{ id, name, status, appliedVersion, desiredVersion, problem }];
  });
  return ok({
    at: new Date(nowMs).toISOString(),
    ...exchanges,
    approvals: facts.waiting,
    enforcers: {
      total: enforcers.length,
      online: enforcers.filter(({ status }) => status === "online").length,
      notCurrent,
    },
    changes: facts.changes.map(({ id, at, principalName, actions, objects }) => ({
      id,
      at: at.toISOString(),
      who: principalName,
      what: actions[0] ?? "changed",
      target: objects[0] ?? "",
    })),
    attention: attentionOf({ ...facts, enforcers: enforcers.length, notCurrent }),
    policyVersion: facts.policyVersion,
  });
}
