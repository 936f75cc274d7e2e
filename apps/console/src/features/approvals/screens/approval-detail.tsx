"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useApi } from "../../../client/api.tsx";
import { Principal } from "../../../ui/avatar.tsx";
import { CopyId } from "../../../ui/copy.tsx";
import { Exact } from "../../../ui/exact.tsx";
import { PageHeader, Panel } from "../../../ui/panel.tsx";
import { Statement } from "../../../ui/statement.tsx";
import { Callout } from "../../../ui/states.tsx";
import { Facts } from "../../../ui/table.tsx";
import { Time } from "../../../ui/time.tsx";
import { FactsView } from "../../audit/view.ts";
import type { ApprovalDetail } from "../schemas.ts";
import { ApprovalStatus } from "./approval-status.tsx";
import { DecideApproval } from "./decide-approval.tsx";
import { StepsView } from "./steps-view.tsx";

function effectText(approval: ApprovalDetail): string {
  const written = approval.facts?.writes ?? [];
  const unbounded = approval.facts?.flags.includes("unbounded") === true;
  if (written.length === 0) return "Reads only; nothing is written.";
  return `Writes ${written.join(", ")}${unbounded ? ", every row of it" : ""}.`;
}

function Parameters({ values }: { readonly values: ApprovalDetail["parameters"] }) {
  if (values.length === 0) return null;
  return (
    <Panel title="Parameters" description="Bound to the statement; the approval covers these values only">
      <Facts
        items={values.map((value, index) => ({
          name: `$${index + 1}`,
          value:
            value === null ? (
              <span className="text-ink-faint">NULL</span>
            ) : (
              <code className="text-xs">
                <Exact text={value} />
              </code>
            ),
        }))}
      />
    </Panel>
  );
}

/** Everything an approver needs within ten seconds, and the two buttons. */
export function ApprovalDetailScreen({ first }: { readonly first: ApprovalDetail }) {
  const api = useApi();
  const queries = useQueryClient();
  const options = api.approvals.get.queryOptions({ id: first.id }, { initialData: first });
  const { data: approval } = useQuery(options);
  const requester = approval.requester;
  return (
    <>
      <PageHeader
        back={{ href: "/approvals", label: "Approvals" }}
        title={
          <span className="inline-flex flex-wrap items-center gap-2.5">
            {approval.principal.handle} wants to run {approval.facts?.command ?? "a statement"} on{" "}
            {approval.resource.name}
            <ApprovalStatus approval={approval} />
          </span>
        }
        description={effectText(approval)}
      />
      {/* one order for phones (statement, decision, facts), two columns where there is room */}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem] lg:grid-rows-[auto_1fr]">
        <Statement text={approval.statement} touched={approval.facts ?? undefined} />
        <div className="flex min-w-0 flex-col gap-4 lg:col-start-2 lg:row-span-2 lg:row-start-1">
          <Decision approval={approval} onDecided={(decided) => queries.setQueryData(options.queryKey, decided)} />
          <StepsView approval={approval} />
          <Panel title="Request">
            <Facts
              items={[
                {
                  name: "Who",
                  value: (
                    <Principal
                      type={approval.principal.type}
                      handle={approval.principal.handle}
                      name={approval.principal.name}
                    />
                  ),
                },
                ...(requester === null || requester.handle === approval.principal.handle
                  ? []
                  : [
                      {
                        name: "Acting for",
                        value: <Principal type="User" handle={requester.handle} name={requester.name} />,
                      },
                    ]),
                { name: "Asked", value: <Time at={approval.createdAt} /> },
                { name: "Until", value: <Time at={approval.expiresAt} /> },
                {
                  name: "Last day",
                  value: `${approval.recentByPrincipal} other ${approval.recentByPrincipal === 1 ? "ask" : "asks"}`,
                },
                { name: "Session", value: <CopyId id={approval.sessionId} /> },
                { name: "Digest", value: <CopyId id={approval.digest} /> },
                ...(approval.recordId === null
                  ? []
                  : [
                      {
                        name: "Record",
                        value: (
                          <Link href={`/audit/${approval.recordId}`} className="text-accent hover:underline">
                            Open in audit
                          </Link>
                        ),
                      },
                    ]),
              ]}
            />
          </Panel>
        </div>
        <div className="flex min-w-0 flex-col gap-4 lg:col-start-1">
          <Parameters values={approval.parameters} />
          {approval.facts === null ? null : <FactsView facts={approval.facts} />}
        </div>
      </div>
    </>
  );
}

function Decision({
  approval,
  onDecided,
}: {
  readonly approval: ApprovalDetail;
  readonly onDecided: (approval: ApprovalDetail) => void;
}) {
  if (approval.status === "waiting") {
    return (
      <Panel title="Your decision" description="Binds to this statement and these values, and works once">
        {approval.mayDecide ? (
          <DecideApproval approval={approval} onDecided={onDecided} />
        ) : (
          <Callout tone="info" title="You cannot decide this one">
            {approval.whyNot}
          </Callout>
        )}
      </Panel>
    );
  }
  const words = {
    approved: { tone: "good", title: "Approved" },
    refused: { tone: "bad", title: "Refused" },
    expired: { tone: "warn", title: "Nobody decided in time; the client was refused" },
    withdrawn: { tone: "info", title: "Withdrawn: the client went away" },
  } as const;
  const { tone, title } = words[approval.status];
  return (
    <Callout tone={tone} title={title} live>
      {approval.reason === null ? null : <Exact text={approval.reason} />}
      {approval.decidedAt === null ? null : (
        <span className="block text-ink-muted">
          <Time at={approval.decidedAt} />
        </span>
      )}
    </Callout>
  );
}
