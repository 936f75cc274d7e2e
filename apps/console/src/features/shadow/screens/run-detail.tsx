"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { PencilLine, Square } from "lucide-react";
import { useState } from "react";
import { useApi, useApiClient } from "../../../client/api.tsx";
import { Button, ButtonLink } from "../../../ui/button.tsx";
import { Confirm } from "../../../ui/confirm.tsx";
import { DiffView } from "../../../ui/diff-view.tsx";
import { PageHeader, Panel } from "../../../ui/panel.tsx";
import { Facts } from "../../../ui/table.tsx";
import { Countdown, Time } from "../../../ui/time.tsx";
import type { RunDetail as Run } from "../schemas.ts";
import { FlipTable } from "./flip-table.tsx";
import type { FlipDimension } from "./flip-words.ts";
import { RunAnswer } from "./run-answer.tsx";
import { RunEnforcers } from "./run-enforcers.tsx";
import { RunState } from "./run-state.tsx";

const refreshMs = 2_000;
/** Enforcers that were cut off may still report after the end. */
const refreshOverMs = 15_000;
const setNames = ["guardrails", "access", "obligations"] as const;

/** One run, live: what would change, who takes part, what the candidate is. */
export function RunDetail({
  first,
  mayStop,
  by: given,
}: {
  readonly first: Run;
  readonly mayStop: boolean;
  readonly by: FlipDimension;
}) {
  const api = useApi();
  const { data: run } = useQuery(
    api.shadow.get.queryOptions(
      { id: first.id },
      {
        initialData: first,
        refetchInterval: ({ state }) => (state.data?.state === "running" ? refreshMs : refreshOverMs),
      },
    ),
  );
  const [by, setBy] = useState<FlipDimension>(given);
  const pick = (next: FlipDimension): void => {
    setBy(next);
    window.history.replaceState(null, "", `?by=${next}`);
  };
  return (
    <>
      <RunHeader run={run} mayStop={mayStop} />
      <div className="flex flex-col gap-4">
        <RunAnswer run={run} />
        {run.groups.length === 0 ? null : (
          <Panel title="What would change">
            <FlipTable groups={run.groups} by={by} onBy={pick} />
          </Panel>
        )}
        <RunEnforcers enforcers={run.enforcers} />
        <div className="grid gap-4 lg:grid-cols-2">
          <Panel title="What was decided">
            <Facts items={countFacts(run)} />
          </Panel>
          <Panel title="When and against what">
            <Facts items={timeFacts(run)} />
          </Panel>
        </div>
        <CandidatePanel run={run} />
      </div>
    </>
  );
}

function RunHeader({ run, mayStop }: { readonly run: Run; readonly mayStop: boolean }) {
  return (
    <PageHeader
      back={{ href: "/policies/shadow", label: "Shadow runs" }}
      title={
        <span className="inline-flex items-center gap-2.5">
          Shadow run {run.number}
          <RunState state={run.state} />
        </span>
      }
      description={
        <>
          {run.note === "" ? "No note" : run.note}, by {run.author?.handle ?? "somebody"}
          {run.state === "running" ? (
            <>
              , ends in <Countdown until={run.endsAt} />
            </>
          ) : null}
        </>
      }
      actions={
        mayStop ? (
          <>
            <ButtonLink href={`/policies?shadow=${run.id}`} icon={<PencilLine aria-hidden />}>
              Open in the editor
            </ButtonLink>
            {run.state === "running" ? <StopButton run={run} /> : null}
          </>
        ) : undefined
      }
    />
  );
}

function countFacts({ totals }: Run) {
  const count = (value: number, words: string) => `${value.toLocaleString("en")} ${words}`;
  return [
    { name: "Decided", value: count(totals.decided, "exchanges by the candidate too") },
    { name: "Would differ", value: count(totals.flips, "of them") },
    { name: "Repeated", value: count(totals.repeated, "answered by a decision of the same second, counted once") },
    { name: "Dropped", value: count(totals.dropped, "not decided: the candidate could not keep up") },
    {
      name: "Not replayable",
      value: count(totals.unreplayable, "refused before policies were asked, or the bundle changed"),
    },
    { name: "Failed", value: count(totals.failed, "while the candidate failed") },
  ];
}

function timeFacts(run: Run) {
  const published = run.publishedMeanwhile;
  const versions = published.map((version) => `v${version}`).join(", ");
  return [
    { name: "Started", value: <Time at={run.startedAt} /> },
    { name: "Ends", value: <Time at={run.endsAt} /> },
    ...(run.stoppedAt === null ? [] : [{ name: "Stopped", value: <Time at={run.stoppedAt} /> }]),
    {
      name: "Against",
      value:
        published.length === 0
          ? `version ${run.baseVersion}, which is in force`
          : `version ${run.baseVersion}, then ${versions}, published meanwhile: always what was in force`,
    },
  ];
}

function CandidatePanel({ run: { base, baseVersion, sets } }: { readonly run: Run }) {
  const changed = setNames.filter((set) => (base?.[set] ?? "") !== sets[set]);
  return (
    <Panel title="The candidate" description={`Against version ${baseVersion}`}>
      <div className="flex flex-col gap-4">
        {changed.map((set) => (
          <section key={set} aria-label={`Change of ${set}`}>
            <h3 className="pb-1.5 text-sm font-semibold text-ink">{set}</h3>
            <DiffView before={base?.[set] ?? ""} after={sets[set]} label={`Lines that change in ${set}`} />
          </section>
        ))}
      </div>
    </Panel>
  );
}

function StopButton({ run }: { readonly run: Run }) {
  const api = useApi();
  const client = useApiClient();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<Square aria-hidden />} onClick={() => setOpen(true)}>
        Stop
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={`Stop run ${run.number}?`}
        confirmLabel="Stop the run"
        tone="primary"
        onConfirm={async () => {
          await client.shadow.stop.mutate({ id: run.id });
          await queries.invalidateQueries({ queryKey: api.shadow.pathKey() });
        }}
      >
        <p>Enforcers let go of the candidate at once. What they found so far stays here; the run cannot be resumed.</p>
      </Confirm>
    </>
  );
}
