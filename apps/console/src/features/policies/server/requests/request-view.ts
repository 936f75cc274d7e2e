import type { OrgTx } from "@sluice/db";
import { refusedFor } from "../../../../server/auth/refused-for.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import { type PublishRequestView, publishRequestSchema } from "../../request-schemas.ts";
import { mayDecideRequest, type RequestFacts } from "./request-rules.ts";

/** A request as stored, with the effect it was made with. */
export type StoredRequest = NonNullable<Awaited<ReturnType<typeof findRequest>>>;

const withImpact = { include: { impact: { select: { flips: true } } } } as const;

/** One request; null when there is none in this org. */
export async function findRequest(tx: OrgTx, id: string) {
  return tx.publishRequest.findUnique({ where: { id }, ...withImpact });
}

/** Those that wait, then the newest that were decided, each newest first. */
export async function findRequests(tx: OrgTx, decidedMax: number): Promise<StoredRequest[]> {
  const orderBy = { id: "desc" } as const;
  const waiting = await tx.publishRequest.findMany({ where: { status: "waiting" }, orderBy, ...withImpact });
  const decided = await tx.publishRequest.findMany({
    where: { status: { not: "waiting" } },
    orderBy,
    take: decidedMax,
    ...withImpact,
  });
  return [...waiting, ...decided];
}

/** What the rules must know of a stored request. */
export async function requestFacts(tx: OrgTx, request: StoredRequest): Promise<RequestFacts> {
  const asked = await tx.publishRequest.findMany({
    where: { digest: request.digest },
    select: { requesterId: true },
    distinct: ["requesterId"],
  });
  const wrote = await tx.policyDraft.findMany({ where: { digest: request.digest }, select: { authorId: true } });
  return {
    status: request.status,
    createdAtMs: request.createdAt.getTime(),
    expiresAtMs: request.expiresAt.getTime(),
    requesterId: request.requesterId,
    behind: [...asked.map(({ requesterId }) => requesterId), ...wrote.flatMap(({ authorId }) => authorId ?? [])],
  };
}

/** Requests as the reader sees them, and whether they can decide each. */
export async function viewRequests(
  tx: OrgTx,
  scope: OrgScope,
  requests: readonly StoredRequest[],
  nowMs: number,
): Promise<PublishRequestView[]> {
  const ids = requests.flatMap(({ decidedById, requesterId }) => [requesterId, ...(decidedById ? [decidedById] : [])]);
  const people = await tx.member.findMany({
    where: { id: { in: [...ids, scope.actor.memberId] } },
    select: { id: true, handle: true, name: true, createdAt: true },
  });
  const byId = new Map(people.map((person) => [person.id, person]));
  const reader = byId.get(scope.actor.memberId);
  const noRight = refusedFor(scope, "policies:approve");
  const views: PublishRequestView[] = [];
  for (const request of requests) {
    const decider = { memberId: scope.actor.memberId, joinedAtMs: reader?.createdAt.getTime() ?? nowMs };
    const may = mayDecideRequest(await requestFacts(tx, request), decider, nowMs);
    const { decidedAt, decidedById, requesterId, impact } = request;
    views.push(
      publishRequestSchema.parse({
        ...request,
        flips: impact.flips ?? 0,
        requester: byId.get(requesterId) ?? { handle: "removed", name: "Somebody who left" },
        decidedBy: decidedById === null ? null : (byId.get(decidedById) ?? null),
        createdAt: request.createdAt.toISOString(),
        expiresAt: request.expiresAt.toISOString(),
        decidedAt: decidedAt?.toISOString() ?? null,
        own: requesterId === scope.actor.memberId,
        cannotDecide: noRight ?? (may.ok ? null : may.error.public),
      }),
    );
  }
  return views;
}
