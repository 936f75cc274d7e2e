"use client";
import { CircleCheck, CircleX, FlaskConical } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Outputs } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { percent } from "./flip-words.ts";
import { testFileName } from "./test-file.ts";

type Run = Outputs["policies"]["test"];
/** Tests that pass which are shown before all are asked for, and policies without a test. */
const passedFolded = 10;
const uncoveredShown = 50;
const noFiles: readonly string[] = [];
/** A place in a file of tests. */
export type TestPlace = Pick<Run["cases"][number], "file" | "line" | "column">;

/** How each test went, those that failed first; each leads to its place where there is a way to it. */
export function TestResults({
  run,
  nearFiles = noFiles,
  actions,
  onPick,
}: {
  readonly run: Run;
  /** files that are written now or changed: what passes of them comes before the others, and is never folded */
  readonly nearFiles?: readonly string[];
  readonly actions?: ReactNode;
  readonly onPick?: (place: TestPlace) => void;
}) {
  const [all, setAll] = useState(false);
  const { cases, problems } = run;
  if (cases.length === 0 && problems.length === 0) {
    return (
      <Panel flush>
        <EmptyState icon={<FlaskConical />} title="No tests yet">
          A test says who does what, and the verdict it must have. It stands beside its policy, here and in git, and a
          text whose tests fail is not published.
        </EmptyState>
      </Panel>
    );
  }
  const failed = cases.filter(({ passed }) => !passed);
  const passed = cases.filter((test) => test.passed);
  const near = passed.filter((test) => nearFiles.includes(test.file));
  const ordered = [...failed, ...near, ...passed.filter((test) => !nearFiles.includes(test.file))];
  const shown = all ? ordered : ordered.slice(0, failed.length + near.length + passedFolded);
  const unread = problems.length === 0 ? "" : `, ${problems.length} ${problems.length === 1 ? "mistake" : "mistakes"}`;
  return (
    <Panel
      flush
      title={<span role="status">{`${cases.length - failed.length} of ${cases.length} tests pass${unread}`}</span>}
      actions={actions}
    >
      <ul aria-label="Tests">
        {problems.map((problem) => (
          <Row key={`${problem.file} ${problem.line} ${problem.message}`} place={problem} onPick={onPick}>
            <Mark passed={false} />
            <span className="min-w-0 flex-1 text-ink">
              {problem.message} <span className="text-ink-muted">No test of this file runs.</span>
            </span>
          </Row>
        ))}
        {shown.map((test) => (
          <Row key={`${test.suite} ${test.line} ${test.name}`} place={test} onPick={onPick}>
            <Mark passed={test.passed} />
            <span className="min-w-0 flex-1 text-ink">
              {test.name}
              {test.failures.map((failure) => (
                <span key={failure} className="block wrap-anywhere text-deny">
                  {failure}
                </span>
              ))}
            </span>
          </Row>
        ))}
      </ul>
      {shown.length < ordered.length ? (
        <div className="border-t border-line p-2 text-center">
          <Button size="sm" tone="quiet" onClick={() => setAll(true)}>
            Show all {ordered.length}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}

function Mark({ passed }: { readonly passed: boolean }) {
  const Icon = passed ? CircleCheck : CircleX;
  return (
    <Icon
      className={`mt-0.5 size-4 shrink-0 ${passed ? "text-allow" : "text-deny"}`}
      role="img"
      aria-label={passed ? "passed" : "failed"}
    />
  );
}

const rowLook = "flex w-full flex-wrap items-start gap-x-2.5 px-4 py-2 text-left sm:flex-nowrap";

function Row({
  place,
  onPick,
  children,
}: {
  readonly place: TestPlace;
  readonly onPick?: ((place: TestPlace) => void) | undefined;
  readonly children: ReactNode;
}) {
  const where = (
    <span className="ml-6.5 text-xs wrap-anywhere text-ink-muted tabular-nums sm:ml-0 sm:max-w-64 sm:text-right">
      {testFileName(place.file)}:{place.line}
    </span>
  );
  return (
    <li className="border-b border-line last:border-b-0">
      {onPick === undefined ? (
        <div className={rowLook}>
          {children}
          {where}
        </div>
      ) : (
        <button type="button" data-inset-focus="" onClick={() => onPick(place)} className={`${rowLook} hover:bg-hover`}>
          {children}
          {where}
        </button>
      )}
    </li>
  );
}

/** Which policies some test satisfies; for each of the others what can be done about it. */
export function TestCoverage({
  run,
  action,
}: {
  readonly run: Run;
  readonly action?: (policyId: string) => ReactNode;
}) {
  const { covered, uncovered } = run;
  const all = covered.length + uncovered.length;
  return (
    <Panel flush title="Coverage" description={`${covered.length} of ${all} policies, ${percent(covered.length, all)}`}>
      <div className="px-4 py-3">
        <div
          role="progressbar"
          aria-label="Policies that some test satisfies"
          aria-valuemin={0}
          aria-valuemax={Math.max(1, all)}
          aria-valuenow={covered.length}
          className="h-1.5 overflow-hidden rounded-full bg-hover"
        >
          <div className="h-full bg-chart-allow" style={{ width: `${(covered.length / Math.max(1, all)) * 100}%` }} />
        </div>
        <p className="pt-3 text-xs text-ink-muted">
          {uncovered.length === 0 ? "Every policy decides some test." : "No test satisfies these:"}
        </p>
      </div>
      <ul aria-label="Policies without a test">
        {uncovered.slice(0, uncoveredShown).map((id) => (
          <li key={id} className="flex min-h-9 items-center gap-2 border-t border-line px-4 py-1">
            <code className="min-w-0 flex-1 text-xs break-words text-ink">{id}</code>
            {action?.(id)}
          </li>
        ))}
        {uncovered.length > uncoveredShown ? (
          <li className="border-t border-line px-4 py-2 text-xs text-ink-muted">
            And {uncovered.length - uncoveredShown} more.
          </li>
        ) : null}
      </ul>
    </Panel>
  );
}
