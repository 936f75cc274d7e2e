"use client";
import { CircleCheck, CircleX, LoaderCircle, TriangleAlert } from "lucide-react";
import type { PolicyProblem } from "../schemas.ts";

/** What is wrong with the whole draft, in one place under the editor; each line leads to its text. */
export function ProblemBar({
  problems,
  checking,
  failure,
  onPick,
}: {
  readonly problems: readonly PolicyProblem[];
  readonly checking: boolean;
  readonly failure: string | null;
  readonly onPick: (problem: PolicyProblem) => void;
}) {
  return (
    <div className="border-t border-line bg-sunken">
      {problems.length === 0 ? null : (
        <ul className="max-h-36 overflow-y-auto py-1" aria-label="Problems">
          {folded(problems).map(({ alike, problem }) => {
            const Icon = problem.severity === "error" ? CircleX : TriangleAlert;
            return (
              <li key={`${problem.set} ${problem.from} ${problem.message}`}>
                <button
                  type="button"
                  data-inset-focus=""
                  onClick={() => onPick(problem)}
                  className="flex w-full items-start gap-2 px-4 py-1 text-left hover:bg-hover"
                >
                  <Icon
                    className={`mt-0.5 size-4 shrink-0 ${problem.severity === "error" ? "text-deny" : "text-ask"}`}
                    role="img"
                    aria-label={problem.severity}
                  />
                  <span className="min-w-0 flex-1 text-ink">
                    {problem.message}
                    {problem.help === null ? null : <span className="text-ink-muted"> {problem.help}</span>}
                    {alike === 0 ? null : (
                      <span className="text-ink-muted">
                        {" "}
                        And for {alike} more {alike === 1 ? "action" : "actions"}.
                      </span>
                    )}
                  </span>
                  <span className="text-xs whitespace-nowrap text-ink-muted tabular-nums">
                    {problem.set} {problem.line}:{problem.column}
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
      <p
        role="status"
        className="flex h-8 items-center gap-2 border-t border-line px-4 text-xs text-ink-muted first:border-t-0"
      >
        <Summary problems={problems} checking={checking} failure={failure} />
      </p>
    </div>
  );
}

/** One line for what is wrong at one place in the same way: a policy over many actions is wrong for each of them. */
function folded(
  problems: readonly PolicyProblem[],
): readonly { readonly problem: PolicyProblem; readonly alike: number }[] {
  const places = new Map<string, { problem: PolicyProblem; alike: number }>();
  for (const problem of problems) {
    const what = problem.message.replaceAll(/Action::"[^"]*"/g, "");
    const place = `${problem.set} ${problem.severity} ${problem.from} ${problem.to} ${what}`;
    const known = places.get(place);
    if (known === undefined) places.set(place, { problem, alike: 0 });
    else known.alike += 1;
  }
  return [...places.values()];
}

function Summary({
  problems,
  checking,
  failure,
}: {
  readonly problems: readonly PolicyProblem[];
  readonly checking: boolean;
  readonly failure: string | null;
}) {
  if (failure !== null) return <span className="truncate text-deny">Not checked: {failure}</span>;
  if (checking) {
    return (
      <>
        <LoaderCircle className="size-3.5 animate-spin" aria-hidden />
        Checking…
      </>
    );
  }
  const errors = problems.filter((problem) => problem.severity === "error").length;
  if (errors === 0) {
    return (
      <>
        <CircleCheck className="size-3.5 text-allow" aria-hidden />
        Valid Cedar{problems.length === 0 ? "" : `, ${problems.length} to look at`}
      </>
    );
  }
  return (
    <>
      <CircleX className="size-3.5 text-deny" aria-hidden />
      {errors} {errors === 1 ? "error keeps" : "errors keep"} it from being published
    </>
  );
}
