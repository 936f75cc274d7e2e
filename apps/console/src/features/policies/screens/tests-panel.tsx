"use client";
import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleX, FlaskConical, Play } from "lucide-react";
import { failureText, type Outputs, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { Callout, EmptyState, Skeleton } from "../../../ui/states.tsx";
import { percent } from "./flip-words.ts";

type Run = Outputs["policies"]["test"];
type Sets = Outputs["policies"]["current"]["sets"];

/** The org's policy tests, run against the draft as it stands, and which of its policies some case satisfies. */
export function TestsPanel({
  sets,
  valid,
  onPick,
}: {
  readonly sets: Sets;
  /** a draft with errors cannot be run */
  readonly valid: boolean;
  readonly onPick: (policyId: string) => void;
}) {
  const api = useApi();
  const run = useQuery(api.policies.test.queryOptions({ sets }, { enabled: valid, staleTime: 60_000, retry: false }));
  if (!valid) {
    return (
      <Callout tone="warn" title="The draft has errors">
        Tests run once it is valid: correct the places that are marked in the sets.
      </Callout>
    );
  }
  if (run.error !== null) {
    return (
      <Callout tone="bad" title="The tests could not be run" live>
        {failureText(run.error)}
      </Callout>
    );
  }
  if (run.data === undefined) return <Skeleton className="h-40" />;
  return <Result run={run.data} busy={run.isFetching} onRun={() => void run.refetch()} onPick={onPick} />;
}

function Result({
  run,
  busy,
  onRun,
  onPick,
}: {
  readonly run: Run;
  readonly busy: boolean;
  readonly onRun: () => void;
  readonly onPick: (policyId: string) => void;
}) {
  if (run.cases.length === 0) {
    return (
      <Panel flush>
        <EmptyState icon={<FlaskConical />} title="No tests yet">
          Tests are files beside the policies, in the folder that <code>sluice policy export</code> makes: who does
          what, and the verdict it must have. Import the folder and they run here and in CI.
        </EmptyState>
      </Panel>
    );
  }
  const failed = run.cases.filter(({ passed }) => !passed);
  const good = run.cases.length - failed.length;
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_18rem]">
      <Panel
        flush
        title={<span role="status">{`${good} of ${run.cases.length} tests pass`}</span>}
        actions={
          <Button size="sm" tone="quiet" icon={<Play aria-hidden />} busy={busy} onClick={onRun}>
            Run again
          </Button>
        }
      >
        <ul aria-label="Tests">
          {[...failed, ...run.cases.filter(({ passed }) => passed)].map((test) => (
            <Case key={`${test.suite} ${test.name}`} test={test} />
          ))}
        </ul>
      </Panel>
      <Coverage run={run} onPick={onPick} />
    </div>
  );
}

function Case({ test }: { readonly test: Run["cases"][number] }) {
  const Icon = test.passed ? CircleCheck : CircleX;
  return (
    <li className="flex items-start gap-2.5 border-b border-line px-4 py-2 last:border-b-0">
      <Icon
        className={`mt-0.5 size-4 shrink-0 ${test.passed ? "text-allow" : "text-deny"}`}
        role="img"
        aria-label={test.passed ? "passed" : "failed"}
      />
      <span className="min-w-0 flex-1 text-ink">
        {test.name}
        {test.failures.map((failure) => (
          <span key={failure} className="block text-deny">
            {failure}
          </span>
        ))}
      </span>
      <span className="text-xs text-ink-muted">{test.suite}</span>
    </li>
  );
}

function Coverage({ run, onPick }: { readonly run: Run; readonly onPick: (policyId: string) => void }) {
  const { covered, uncovered } = run;
  const all = covered.length + uncovered.length;
  return (
    <Panel flush title="Coverage" description={`${covered.length} of ${all} policies, ${percent(covered.length, all)}`}>
      <div className="px-4 py-3">
        <div
          role="progressbar"
          aria-label="Policies that some test satisfies"
          aria-valuemin={0}
          aria-valuemax={all}
          aria-valuenow={covered.length}
          className="h-1.5 overflow-hidden rounded-full bg-hover"
        >
          <div className="h-full bg-chart-allow" style={{ width: percent(covered.length, all).replace(" ", "") }} />
        </div>
        <p className="pt-3 text-xs text-ink-muted">
          {uncovered.length === 0 ? "Every policy decides some test." : "No test satisfies these:"}
        </p>
      </div>
      <ul>
        {uncovered.map((id) => (
          <li key={id} className="border-t border-line">
            <button
              type="button"
              data-inset-focus=""
              onClick={() => onPick(id)}
              className="w-full px-4 py-1.5 text-left hover:bg-hover"
            >
              <code className="text-xs text-ink">{id}</code>
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
