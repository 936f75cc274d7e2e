import type { OrgTx } from "@sluice/db";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import { roleAllows, roleSchema } from "../../../../server/auth/permissions.ts";
import { changeActor } from "../../../../server/change-actor.ts";
import type { Deps } from "../../../../server/deps.ts";
import { refusable } from "../../../../server/refusable.ts";
import { forbidden, notFound } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import { type ChangeNotes, changeOrg } from "../../../bundles/index.ts";
import type { decideRequestInputSchema, PublishRequestView } from "../../request-schemas.ts";
import { ruleImpactOf } from "../impact/rule-impact.ts";
import { oneAtATime, writeVersion } from "../store-version.ts";
import { readRequest } from "./read-requests.ts";
import { mayDecideRequest } from "./request-rules.ts";
import { findRequest, requestFacts, type StoredRequest } from "./request-view.ts";

type Decision = z.infer<typeof decideRequestInputSchema>;

/**
 * A second person decides a publish. A yes publishes the stored texts, over the version they were compared with and no
 * other, in the same transaction, so it can be used once; a no ends the request. Refused for whoever asked (in whatever
 * way they come), for another text than was shown, after its time, and when whoever asked may not publish any more.
 */
export async function decideRequest(deps: Deps, scope: OrgScope, input: Decision): Answer<PublishRequestView> {
  const { approved, id, reason } = input;
  const decided = await oneAtATime(() =>
    refusable((refuse) =>
      changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
        const nowMs = deps.clock.now();
        const allowed = await checkDecision(tx, scope, input, nowMs);
        if (!allowed.ok) return refuse(allowed.error);
        const written = approved
          ? await publishApproved(tx, notes, scope, { ...allowed.value, nowMs })
          : ok({ version: null });
        if (!written.ok) return refuse(written.error);
        const { version } = written.value;
        const status = approved ? "approved" : "refused";
        const decision = { status, reason, version, decidedById: scope.actor.memberId, decidedAt: new Date(nowMs) };
        await tx.publishRequest.update({ where: { id }, data: decision });
        notes.record({
          action: approved ? "publish_request.approve" : "publish_request.refuse",
          target: `PublishRequest::"${id}"`,
          before: { status: "waiting" },
          after: { status, digest: input.digest, reason, version },
        });
        return true;
      }),
    ),
  );
  return decided.ok ? readRequest(deps, scope, { id }) : decided;
}

interface Allowed {
  readonly request: StoredRequest;
  readonly author: string;
}

async function checkDecision(
  tx: OrgTx,
  scope: OrgScope,
  { digest, id }: Decision,
  nowMs: number,
): Promise<Result<Allowed, TaggedError>> {
  // of two who decide at once one waits here and sees the other's decision
  await tx.$queryRaw`SELECT FROM "publish_request" WHERE "id" = ${id}::uuid FOR UPDATE`;
  const request = await findRequest(tx, id);
  if (!request) return err(notFound("publish request"));
  if (request.digest !== digest) {
    return err(taggedError("approval.digest_mismatch", "What is asked is not what you were shown: look at it again."));
  }
  const decider = await tx.member.findUnique({
    where: { id: scope.actor.memberId, status: "active", lockedAt: null },
  });
  if (!decider) return err(forbidden("Only active members can decide."));
  const who = { memberId: decider.id, joinedAtMs: decider.createdAt.getTime() };
  const may = mayDecideRequest(await requestFacts(tx, request), who, nowMs);
  if (!may.ok) return may;
  const author = await tx.member.findUnique({
    where: { id: request.requesterId, status: "active", lockedAt: null },
  });
  const role = author ? roleSchema.parse(author.role) : undefined;
  const stillMay =
    role !== undefined &&
    roleAllows(role, "policies:write") &&
    (request.testsFailed === 0 || roleAllows(role, "policies:override"));
  if (!author || !stillMay) {
    return err(forbidden("Whoever asked for this may not publish any more."));
  }
  return ok({ request, author: author.handle });
}

async function publishApproved(
  tx: OrgTx,
  notes: ChangeNotes,
  scope: OrgScope,
  { author, nowMs, request }: Allowed & { readonly nowMs: number },
): Promise<Result<{ version: number }, TaggedError>> {
  const impact = ruleImpactOf(await tx.policyImpact.findUniqueOrThrow({ where: { id: request.impactId } }));
  const { access, draft, guardrails, id, note, obligations, requesterId, tests, testsFailed, testsOverride } = request;
  return writeVersion(tx, notes, {
    orgId: scope.org.id,
    nowMs,
    texts: { guardrails, access, obligations },
    tests,
    testsFailed,
    testsOverride,
    draft,
    note,
    action: request.action === "policy.rollback" ? "policy.rollback" : "policy.publish",
    authorId: requesterId,
    impact,
    request: { id, approvedById: scope.actor.memberId, author },
  });
}

/** Takes one's own request back. */
export async function withdrawRequest(
  deps: Deps,
  scope: OrgScope,
  { id }: Pick<Decision, "id">,
): Answer<PublishRequestView> {
  const withdrawn = await refusable((refuse) =>
    changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
      const { count } = await tx.publishRequest.updateMany({
        where: { id, requesterId: scope.actor.memberId, status: "waiting" },
        data: { status: "withdrawn", decidedAt: new Date(deps.clock.now()) },
      });
      if (count === 0) refuse(notFound("publish request of yours that waits"));
      const target = `PublishRequest::"${id}"`;
      notes.record({
        action: "publish_request.withdraw",
        target,
        before: { status: "waiting" },
        after: { status: "withdrawn" },
      });
    }),
  );
  return withdrawn.ok ? readRequest(deps, scope, { id }) : withdrawn;
}
