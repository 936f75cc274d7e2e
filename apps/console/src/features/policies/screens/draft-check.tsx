import { CircleCheck, CircleX, TriangleAlert } from "lucide-react";
import type { Outputs } from "../../../client/api.tsx";
import { Panel } from "../../../ui/panel.tsx";

const shownMax = 50;

/** What the official engine and the lint say of a text that is not in an editor. */
export function DraftCheck({ checked }: { readonly checked: Outputs["policies"]["check"] }) {
  const { problems, policies } = checked;
  const errors = problems.filter(({ severity }) => severity === "error").length;
  if (problems.length === 0) {
    return (
      <p className="flex items-center gap-2 text-sm text-ink">
        <CircleCheck className="size-4 text-allow" aria-hidden />
        Valid Cedar, {policies.length} policies
      </p>
    );
  }
  return (
    <Panel
      flush
      title={
        <span className="inline-flex items-center gap-2">
          {errors > 0 ? (
            <CircleX className="size-4 text-deny" aria-hidden />
          ) : (
            <CircleCheck className="size-4 text-allow" aria-hidden />
          )}
          {titleOf(errors, problems.length)}
        </span>
      }
      description={`${policies.length} policies`}
    >
      <ul aria-label="Problems">
        {problems.slice(0, shownMax).map((problem) => (
          <li
            key={`${problem.set} ${problem.from} ${problem.message}`}
            className="flex items-start gap-2 border-b border-line px-4 py-1.5 text-sm last:border-b-0"
          >
            <Mark severity={problem.severity} />
            <span className="min-w-0 flex-1 text-ink">
              {problem.message}
              {problem.help === null ? null : <span className="text-ink-muted"> {problem.help}</span>}
            </span>
            <span className="text-xs whitespace-nowrap text-ink-muted tabular-nums">
              {problem.set} {problem.line}:{problem.column}
            </span>
          </li>
        ))}
        {problems.length > shownMax ? (
          <li className="px-4 py-1.5 text-sm text-ink-muted">And {problems.length - shownMax} more.</li>
        ) : null}
      </ul>
    </Panel>
  );
}

function Mark({ severity }: { readonly severity: "error" | "warning" }) {
  const Icon = severity === "error" ? CircleX : TriangleAlert;
  return (
    <Icon
      className={`mt-0.5 size-4 shrink-0 ${severity === "error" ? "text-deny" : "text-ask"}`}
      role="img"
      aria-label={severity}
    />
  );
}

function titleOf(errors: number, all: number): string {
  if (errors > 0) return `${errors} ${errors === 1 ? "error keeps" : "errors keep"} it from being published`;
  return `Valid Cedar, ${all} to look at`;
}
