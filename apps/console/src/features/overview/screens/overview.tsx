"use client";
import { useQuery } from "@tanstack/react-query";
import { ArrowRight, CircleCheck, Cpu, Info, OctagonAlert, Stamp, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { useApi } from "../../../client/api.tsx";
import { type VerdictBar, VerdictChart } from "../../../ui/chart.tsx";
import { classes } from "../../../ui/classes.ts";
import { PageHeader, Panel } from "../../../ui/panel.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { Time } from "../../../ui/time.tsx";
import { useHydrated } from "../../../ui/use-hydrated.ts";
import { Verdict, type VerdictKind, verdictKinds } from "../../../ui/verdict.tsx";
import { changeWords, targetName } from "../../audit/view.ts";
import type { Overview } from "../schemas.ts";

const refreshMs = 5_000;

const severities = {
  critical: { Icon: OctagonAlert, look: "text-deny", word: "Critical" },
  warning: { Icon: TriangleAlert, look: "text-ask", word: "Warning" },
  info: { Icon: Info, look: "text-accent", word: "Note" },
} as const;

function minuteBars(perMinute: Overview["perMinute"]): VerdictBar[] {
  return perMinute.map((point) => ({
    label: new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(new Date(point.at)),
    counts: { allow: point.allow, mask: point.mask, ask: point.ask, deny: point.deny },
  }));
}

/** What needs a person, first of all; when nothing does, it says so. */
function Attention({ items }: { readonly items: Overview["attention"] }) {
  if (items.length === 0) {
    return (
      <div className="flex items-center gap-2.5 rounded-lg border border-line bg-surface px-4 py-3 shadow-card">
        <CircleCheck className="size-4 shrink-0 text-allow" aria-hidden />
        <p className="text-sm text-ink">Nothing needs a person right now.</p>
      </div>
    );
  }
  return (
    <Panel flush title="Needs a person">
      <ul>
        {items.map((item) => {
          const { Icon, look, word } = severities[item.severity];
          return (
            <li key={`${item.kind} ${item.href} ${item.title}`} className="border-b border-line last:border-b-0">
              <Link
                href={item.href}
                data-inset-focus=""
                className="group flex items-start gap-3 px-4 py-2.5 hover:bg-hover"
              >
                <Icon className={classes("mt-0.5 size-4 shrink-0", look)} role="img" aria-label={word} />
                <span className="min-w-0 flex-1">
                  <span className="block font-medium text-ink">{item.title}</span>
                  <span className="block text-ink-muted">{item.detail}</span>
                </span>
                <ArrowRight className="mt-0.5 size-4 shrink-0 text-ink-faint group-hover:text-ink" aria-hidden />
              </Link>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function Figure({
  href,
  value,
  children,
  note,
}: {
  readonly href: string;
  readonly value: number;
  readonly children: React.ReactNode;
  readonly note: string;
}) {
  return (
    <Link href={href} data-inset-focus="" className="group block px-4 py-3 hover:bg-hover">
      <span className="block h-5 text-xs leading-5 text-ink-muted">{children}</span>
      <span className="mt-1 block text-xl font-semibold text-ink tabular-nums">{value.toLocaleString("en")}</span>
      <span className="block text-xs text-ink-muted">{note}</span>
    </Link>
  );
}

const verdictNotes: Record<VerdictKind, (overview: Overview) => string> = {
  allow: () => "as asked",
  mask: (overview) => `${overview.last24h.maskedCells.toLocaleString("en")} cells hidden`,
  ask: (overview) => `${overview.approvals.waiting} still waiting`,
  deny: (overview) => overview.topRefusals[0]?.policy ?? "nothing refused",
};

/** Whether anything is wrong, what is happening, and what changed; each figure leads to what is behind it. */
export function OverviewScreen({ first }: { readonly first: Overview }) {
  const api = useApi();
  const hydrated = useHydrated();
  const { data } = useQuery(
    api.overview.summary.queryOptions(undefined, { initialData: first, refetchInterval: refreshMs }),
  );
  return (
    <>
      <PageHeader
        title="Overview"
        description={
          data.policyVersion === null
            ? "No policy is published yet: everything is refused."
            : `Policy version ${data.policyVersion} in force. ${data.last24h.principals} ${data.last24h.principals === 1 ? "principal" : "principals"} active in the last day.`
        }
      />
      <div className="flex flex-col gap-4">
        <Attention items={data.attention} />
        <Panel flush title="Exchanges per minute" description="The last hour, by verdict">
          <div className="px-4 pt-4 pb-3">
            <VerdictChart
              key={hydrated ? "reader" : "server"}
              bars={minuteBars(data.perMinute)}
              label="Exchanges per minute in the last hour, by verdict"
            />
          </div>
          <Figures data={data} />
        </Panel>
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <Refusals items={data.topRefusals} />
          <Changes items={data.changes} />
        </div>
      </div>
    </>
  );
}

/** The day in six numbers; each leads to what is behind it. */
function Figures({ data }: { readonly data: Overview }) {
  const { approvals, enforcers } = data;
  return (
    <div className="grid grid-cols-2 border-t border-line sm:grid-cols-3 xl:grid-cols-6 xl:divide-x xl:divide-line">
      {verdictKinds.map((kind) => (
        <Figure
          key={kind}
          href={`/audit?verdicts=${kind}&range=24h`}
          value={data.last24h[kind]}
          note={verdictNotes[kind](data)}
        >
          <span className="flex items-center justify-between gap-1">
            <Verdict kind={kind} plain />
            <span>24 h</span>
          </span>
        </Figure>
      ))}
      <Figure
        href="/approvals"
        value={approvals.waiting}
        note={approvals.waitingForMe === 0 ? "none for you" : `${approvals.waitingForMe} for you`}
      >
        <span className="inline-flex items-center gap-1.5">
          <Stamp className="size-3.5" aria-hidden /> Waiting approvals
        </span>
      </Figure>
      <Figure
        href="/enforcers"
        value={enforcers.online}
        note={
          enforcers.notCurrent.length === 0
            ? `of ${enforcers.total}, all current`
            : `of ${enforcers.total}; ${enforcers.notCurrent.length} not current`
        }
      >
        <span className="inline-flex items-center gap-1.5">
          <Cpu className="size-3.5" aria-hidden /> Enforcers online
        </span>
      </Figure>
    </div>
  );
}

function Refusals({ items }: { readonly items: Overview["topRefusals"] }) {
  return (
    <Panel flush title="Most refused" description="By policy, last 24 hours">
      {items.length === 0 ? (
        <EmptyState icon={<CircleCheck />} title="Nothing was refused" />
      ) : (
        <ul>
          {items.map((item) => (
            <li key={item.policy} className="border-b border-line last:border-b-0">
              <Link
                href={`/audit?verdicts=deny&range=24h&policy=${encodeURIComponent(item.policy)}`}
                data-inset-focus=""
                className="flex items-baseline gap-3 px-4 py-2 hover:bg-hover"
              >
                <span className="min-w-0 flex-1">
                  <code className="block truncate text-xs font-medium text-ink">{item.policy}</code>
                  {item.reason === null ? null : (
                    <span className="block truncate text-xs text-ink-muted">
                      {item.reason.replace(`${item.policy}: `, "")}
                    </span>
                  )}
                </span>
                <span className="text-sm font-semibold text-ink tabular-nums">{item.count.toLocaleString("en")}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Changes({ items }: { readonly items: Overview["changes"] }) {
  return (
    <Panel flush title="What changed" description="In the console, the API and the CLI">
      {items.length === 0 ? (
        <EmptyState icon={<Info />} title="No change yet" />
      ) : (
        <ul>
          {items.map((item) => (
            <li key={item.id} className="border-b border-line last:border-b-0">
              <Link
                href={`/audit/${item.id}`}
                data-inset-focus=""
                className="flex items-baseline gap-3 px-4 py-2 hover:bg-hover"
              >
                <span className="min-w-0 flex-1 truncate">
                  <span className="font-medium text-ink">{item.who}</span>{" "}
                  <span className="text-ink-muted">{changeWords(item.what)}</span>{" "}
                  <span className="text-ink">{targetName(item.target)}</span>
                </span>
                <span className="text-xs text-ink-muted">
                  <Time at={item.at} form="relative" />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
