"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { failureText, type Outputs, useApi } from "../../../client/api.tsx";
import { ButtonLink } from "../../../ui/button.tsx";
import { PageHeader, Panel } from "../../../ui/panel.tsx";
import { Callout, Skeleton } from "../../../ui/states.tsx";
import { Time } from "../../../ui/time.tsx";
import { DraftActions } from "./draft-actions.tsx";
import { DraftCheck } from "./draft-check.tsx";
import { DraftState } from "./draft-state.tsx";
import { ImpactView } from "./impact-view.tsx";
import { type Span, SpanPicker } from "./span-picker.tsx";
import { TestCoverage, TestResults } from "./test-results.tsx";
import { useImpact } from "./use-impact.ts";
import { ChangeView } from "./version-diff.tsx";

type Detail = Outputs["policies"]["drafts"]["get"];
const refreshMs = 10_000;

/** One draft: whether it is sound, how its tests go, what it changes, what it would have changed, and what to do with it. */
export function DraftDetail({
  first,
  current,
  checked,
  mayWrite,
}: {
  readonly first: Detail;
  /** the version in force */
  readonly current: Outputs["policies"]["current"];
  readonly checked: Outputs["policies"]["check"];
  readonly mayWrite: boolean;
}) {
  const api = useApi();
  const { data: draft } = useQuery(
    api.policies.drafts.get.queryOptions({ number: first.number }, { initialData: first, refetchInterval: refreshMs }),
  );
  const open = draft.state === "open";
  return (
    <>
      <PageHeader
        back={{ href: "/policies/drafts", label: "Drafts" }}
        title={
          <span className="inline-flex flex-wrap items-center gap-2.5">
            Draft {draft.number}
            <DraftState draft={draft} />
          </span>
        }
        description={
          <>
            {draft.note === "" ? "No note" : draft.note}, by {draft.author?.handle ?? "Sluice"},{" "}
            <Time at={draft.createdAt} />
          </>
        }
        actions={
          mayWrite ? (
            <DraftActions draft={draft} current={current} sound={checked.ok} warnings={checked.problems.length} />
          ) : undefined
        }
      />
      <div className="flex flex-col gap-4">
        <Became draft={draft} />
        <DraftCheck checked={checked} />
        <ChangeView
          changes={draft.changes}
          against={`What it changes in version ${draft.current}`}
          nothing={`Nothing differs from version ${draft.current}, which is in force.`}
        />
        {open && mayWrite && checked.ok ? <Impact sets={draft.sets} /> : null}
        <Tests draft={draft} valid={checked.ok} />
      </div>
    </>
  );
}

/** What became of it, where that decides what can be done now. */
function Became({ draft }: { readonly draft: Detail }) {
  if (draft.state === "published") {
    return (
      <Callout
        tone="good"
        title={`Published as version ${draft.version}`}
        action={
          <ButtonLink size="sm" href={`/policies/versions/${draft.version}`}>
            Look
          </ButtonLink>
        }
      />
    );
  }
  if (draft.state === "waiting") {
    return (
      <Callout
        tone="warn"
        title="A second person is asked"
        action={
          <ButtonLink size="sm" href={`/policies/requests/${draft.requestId}`}>
            Look
          </ButtonLink>
        }
      >
        It is published when they agree.
      </Callout>
    );
  }
  if (draft.state === "discarded") {
    return (
      <Callout tone="info" title={`Discarded by ${draft.discardedBy?.handle ?? "somebody"}`}>
        {draft.discardedAt === null ? null : <Time at={draft.discardedAt} />} It is kept to be read; open it in the
        editor to go on with it as a new draft.
      </Callout>
    );
  }
  if (!draft.overtaken) return null;
  return (
    <Callout tone="warn" title={`Version ${draft.current} was published meanwhile`}>
      This draft was made over version {draft.baseVersion} and cannot be published as it is. Open it in the editor,
      which shows it against version {draft.current}, and keep or publish it from there.
    </Callout>
  );
}

function Tests({ draft, valid }: { readonly draft: Detail; readonly valid: boolean }) {
  const api = useApi();
  const { sets, tests } = draft;
  const run = useQuery(
    api.policies.test.queryOptions({ sets, tests }, { enabled: valid, staleTime: 60_000, retry: false }),
  );
  if (!valid) return null;
  if (run.error !== null) {
    return (
      <Callout tone="bad" title="The tests could not be run" live>
        {failureText(run.error)}
      </Callout>
    );
  }
  if (run.data === undefined) return <Skeleton className="h-40" />;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_18rem]">
      <TestResults run={run.data} nearFiles={draft.changes.tests.map(({ file }) => file)} />
      <TestCoverage run={run.data} />
    </div>
  );
}

function Impact({ sets }: { readonly sets: Detail["sets"] }) {
  const [span, setSpan] = useState<Span>({ span: "week" });
  // an answer that says the same keeps its objects, so refreshing starts no replay
  const live = useImpact(useMemo(() => ({ sets, ...span }), [sets, span]));
  return (
    <Panel title="Impact on recorded traffic" actions={<SpanPicker value={span} onChange={setSpan} />}>
      <ImpactView live={live} />
    </Panel>
  );
}
