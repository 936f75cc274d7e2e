"use client";
import Link from "next/link";
import { Principal } from "../../../ui/avatar.tsx";
import { ButtonLink } from "../../../ui/button.tsx";
import { Exact } from "../../../ui/exact.tsx";
import { StatementLine } from "../../../ui/statement.tsx";
import { Time } from "../../../ui/time.tsx";
import type { ApprovalRow } from "../schemas.ts";
import { ApprovalStatus } from "./approval-status.tsx";

function lastWord(approval: ApprovalRow): string | null {
  const said = approval.decisions.at(-1);
  if (said === undefined) return approval.reason;
  const who = `${said.by.handle} ${said.approved ? "approved" : "refused"}`;
  return said.reason === "" ? who : `${who}: ${said.reason}`;
}

/** One held exchange in the inbox: who wants to do what, and how long they still wait. */
export function ApprovalCard({ approval }: { readonly approval: ApprovalRow }) {
  const said = lastWord(approval);
  return (
    <li className="relative border-b border-line px-4 py-3 last:border-b-0 hover:bg-hover">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <ApprovalStatus approval={approval} />
        <Principal
          type={approval.principal.type}
          handle={approval.principal.handle}
          name={approval.principal.name}
          onBehalfOf={
            approval.requester !== null && approval.requester.handle !== approval.principal.handle
              ? approval.requester.handle
              : null
          }
        />
        <span className="text-ink-muted">on {approval.resource.name}</span>
        <span className="ml-auto text-xs text-ink-muted">
          <Time at={approval.createdAt} />
        </span>
      </div>
      <div className="mt-2 flex flex-wrap items-center gap-3">
        <Link
          href={`/approvals/${approval.id}`}
          data-inset-focus=""
          className="min-w-0 flex-1 basis-60 after:absolute after:inset-0"
        >
          <StatementLine text={approval.statement} />
        </Link>
        {approval.status === "waiting" && approval.mayDecide ? (
          <ButtonLink href={`/approvals/${approval.id}`} tone="primary" size="sm" className="relative z-10">
            Review
          </ButtonLink>
        ) : null}
      </div>
      {approval.status === "waiting" && approval.whyNot !== null ? (
        <p className="mt-1.5 text-xs text-ink-muted">{approval.whyNot}</p>
      ) : said === null ? null : (
        <p className="mt-1.5 text-xs text-ink-muted">
          <Exact text={said} />
        </p>
      )}
    </li>
  );
}
