import type { OrgTx, Prisma } from "@sluice/db";
import { ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import { decodeCursor, encodeCursor } from "../../../server/paging.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { approvalListInputSchema, approvalPageSchema } from "../schemas.ts";
import { readApprovalContext, viewApproval, withDecisions } from "./approval-view.ts";
import { ownApprovals, visibleApprovals } from "./visible.ts";

type Input = z.infer<typeof approvalListInputSchema>;

/** What waits (oldest first), what the member asked, or what was decided (newest first), as far as they may see it. */
export async function listApprovals(
  deps: Deps,
  scope: OrgScope,
  input: Input,
): Answer<z.infer<typeof approvalPageSchema>> {
  const nowMs = deps.clock.now();
  const order = input.view === "waiting" ? "asc" : "desc";
  return scope.data.tx(async (tx) => {
    const stored = await tx.approval.findMany({
      where: { AND: [await inView(tx, scope, input, nowMs), after(input)] },
      orderBy: [{ createdAt: order }, { id: order }],
      take: input.limit + 1,
      include: withDecisions,
    });
    const page = stored.slice(0, input.limit);
    const context = await readApprovalContext(tx, page);
    const last = stored.length > input.limit ? page.at(-1) : undefined;
    return ok({
      items: page.map((one) => viewApproval(one, context, scope.actor, nowMs)),
      nextCursor: last ? encodeCursor({ atMs: last.createdAt.getTime(), id: last.id }) : null,
    });
  });
}

async function inView(tx: OrgTx, scope: OrgScope, input: Input, nowMs: number): Promise<Prisma.ApprovalWhereInput> {
  const now = new Date(nowMs);
  switch (input.view) {
    case "mine":
      return ownApprovals(tx, scope.actor);
    case "waiting":
      return { AND: [await visibleApprovals(tx, scope.actor), { status: "waiting", expiresAt: { gt: now } }] };
    case "decided": {
      const over = { OR: [{ status: { not: "waiting" } }, { expiresAt: { lte: now } }] };
      return { AND: [await visibleApprovals(tx, scope.actor), over] };
    }
  }
}

function after(input: Input): Prisma.ApprovalWhereInput {
  const position = decodeCursor(input.cursor);
  if (!position) return {};
  const at = new Date(position.atMs);
  return input.view === "waiting"
    ? { OR: [{ createdAt: { gt: at } }, { createdAt: at, id: { gt: position.id } }] }
    : { OR: [{ createdAt: { lt: at } }, { createdAt: at, id: { lt: position.id } }] };
}
