import { CircleHelp, KeyRound } from "lucide-react";
import Link from "next/link";
import { Principal } from "../../../ui/avatar.tsx";
import { CopyId } from "../../../ui/copy.tsx";
import { Exact } from "../../../ui/exact.tsx";
import { Masked } from "../../../ui/masked.tsx";
import { PageHeader, Panel } from "../../../ui/panel.tsx";
import { Statement } from "../../../ui/statement.tsx";
import { Facts } from "../../../ui/table.tsx";
import { Time } from "../../../ui/time.tsx";
import { Verdict } from "../../../ui/verdict.tsx";
import type { RecordDetail } from "../schemas.ts";
import { ChangeView } from "./change-view.tsx";
import { DecidingPolicies, DecisionList } from "./deciding-policies.tsx";
import { FactsView } from "./facts-view.tsx";
import { bytesText, durationText, recordSummary, statusWords } from "./record-text.ts";

const headlines = {
  allow: "Passed as asked",
  mask: "Passed, with sensitive data hidden",
  ask: "Held until a person answered",
  deny: "Stopped before it reached the resource",
} as const;

/** Why it was decided so, in sentences: the reason, and what would have allowed it. */
function Answer({ record }: { readonly record: RecordDetail }) {
  const masked = Object.entries(record.outcome?.maskedCellsByClass ?? {}).filter(([, cells]) => cells > 0);
  return (
    <section aria-label="Verdict" className="rounded-lg border border-line bg-surface p-4 shadow-card">
      <div className="flex flex-wrap items-center gap-2.5">
        <Verdict kind={record.verdict} />
        <p className="text-base font-semibold text-ink">{headlines[record.verdict]}</p>
        <span className="text-ink-muted">
          <Time at={record.at} />
        </span>
      </div>
      {record.reason === null ? null : (
        <p className="mt-2 max-w-3xl text-sm text-ink text-pretty first-letter:uppercase">
          <Exact text={record.reason} />
        </p>
      )}
      {masked.length === 0 ? null : (
        <p className="mt-3 flex flex-wrap items-center gap-1.5">
          {masked.map(([name, cells]) => (
            <Masked key={name} dataClass={name} cells={cells} />
          ))}
        </p>
      )}
      {record.approval === null ? null : (
        <p className="mt-3 text-sm text-ink">
          <Link href={`/approvals/${record.approval.id}`} className="font-medium text-accent hover:underline">
            Approval
          </Link>{" "}
          {record.approval.outcome}
          {record.approval.approvers.length === 0 ? "" : ` by ${record.approval.approvers.join(", ")}`}.
        </p>
      )}
      {record.error === null || record.error === record.reason ? null : (
        <p className="mt-3 font-mono text-xs text-deny">
          <Exact text={record.error} />
        </p>
      )}
      {record.wouldAllow.length === 0 ? null : (
        <div className="mt-4 border-t border-line pt-3">
          <h2 className="flex items-center gap-1.5 text-sm font-semibold text-ink">
            <CircleHelp className="size-4 text-accent" aria-hidden />
            What would allow it
          </h2>
          <ul className="mt-1 list-disc space-y-0.5 pl-6 text-sm text-ink">
            {record.wouldAllow.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

function outcomeFacts(record: RecordDetail) {
  const status = { name: "Status", value: statusWords[record.status] };
  if (record.status === "refused") {
    const deciding =
      record.outcome === null ? [] : [{ name: "Deciding", value: durationText(record.outcome.decideUs) }];
    return [status, { name: "Sent on", value: "nothing" }, ...deciding];
  }
  return [
    status,
    ...(record.outcome?.tag ? [{ name: "Answer", value: <code className="text-xs">{record.outcome.tag}</code> }] : []),
    ...(record.rows === null ? [] : [{ name: "Rows", value: record.rows.toLocaleString("en") }]),
    ...(record.outcome === null
      ? []
      : [
          { name: "Sent", value: bytesText(record.outcome.bytes) },
          { name: "Deciding", value: durationText(record.outcome.decideUs) },
        ]),
    ...(record.durationUs === null ? [] : [{ name: "Whole", value: durationText(record.durationUs) }]),
  ];
}

function whoFacts(record: RecordDetail) {
  const [actor, ...chain] = record.principals;
  return [
    ...(actor === undefined
      ? []
      : [{ name: "Who", value: <Principal type={actor.type} handle={actor.id} name={actor.name} /> }]),
    ...chain.map((each) => ({
      name: "Acting for",
      value: <Principal type={each.type} handle={each.id} name={each.name} />,
    })),
    ...(record.client === null
      ? []
      : [
          { name: "From", value: <code className="text-xs">{record.client.ip}</code> },
          {
            name: "With",
            value: <Exact text={record.client.application || record.client.protocol} />,
          },
        ]),
    ...(record.resource === null
      ? []
      : [
          {
            name: "Resource",
            value: (
              <Link href={`/resources/${record.resource.id}`} className="text-accent hover:underline">
                {record.resource.name}
              </Link>
            ),
          },
        ]),
    ...(record.sessionId === null
      ? []
      : [
          {
            name: "Session",
            value: (
              <span className="flex flex-wrap items-center gap-x-2">
                <CopyId id={record.sessionId} />
                <Link
                  href={`/audit?sessionId=${record.sessionId}&range=all`}
                  className="inline-flex min-h-6 items-center text-accent hover:underline"
                >
                  all of it
                </Link>
              </span>
            ),
          },
        ]),
  ];
}

function proofFacts(record: RecordDetail) {
  return [
    { name: "Record", value: <CopyId id={record.id} /> },
    { name: "Enforcer", value: record.proof.enforcerName ?? "the console" },
    {
      name: "Number",
      value: record.proof.outcomeSeq === null ? record.seq : `${record.seq}, completed by ${record.proof.outcomeSeq}`,
    },
    ...(record.statementDigest === null ? [] : [{ name: "Digest", value: <CopyId id={record.statementDigest} /> }]),
    {
      name: "Chain head",
      value: record.proof.chainHead === null ? "not yet signed" : <CopyId id={record.proof.chainHead} />,
    },
    { name: "Received", value: <Time at={record.proof.receivedAt} /> },
  ];
}

/** All of one record: the answer first, then what was asked, what was understood, who decided, and the proof. */
export function RecordDetailView({ record }: { readonly record: RecordDetail }) {
  return (
    <>
      <PageHeader
        back={{ href: "/audit", label: "Audit" }}
        title={record.facts?.command ?? recordSummary(record)}
        description={`${record.principal.id}${record.onBehalfOf === null ? "" : ` for ${record.onBehalfOf}`}${record.resource === null ? "" : ` on ${record.resource.name}`}`}
      />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_19rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Answer record={record} />
          {record.statement === null ? null : (
            <Statement text={record.statement} touched={record.facts ?? undefined} cut={record.statementCut} />
          )}
          {record.change === null ? null : <ChangeView change={record.change} />}
          {record.decisions.length === 0 ? null : <DecisionList decisions={record.decisions} />}
          <DecidingPolicies policies={record.decidingPolicies} version={record.policyVersion} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <Panel title="Who and where">
            <Facts items={whoFacts(record)} />
          </Panel>
          {record.kind === "exchange" ? (
            <Panel title="Outcome">
              <Facts items={outcomeFacts(record)} />
            </Panel>
          ) : null}
          {record.facts === null ? null : <FactsView facts={record.facts} obligations={record.obligations} />}
          <Panel
            title={
              <span className="inline-flex items-center gap-1.5">
                <KeyRound className="size-3.5 text-ink-faint" aria-hidden />
                Proof
              </span>
            }
          >
            <Facts items={proofFacts(record)} />
          </Panel>
        </div>
      </div>
    </>
  );
}
