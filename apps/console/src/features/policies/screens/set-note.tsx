import type { PolicyProblem, PolicySetName } from "../schemas.ts";

/** The mark on a set's tab: how many errors it has, or that its text was changed. */
export function SetNote({
  set,
  problems,
  changed,
}: {
  readonly set: PolicySetName;
  readonly problems: readonly PolicyProblem[];
  readonly changed: boolean;
}) {
  const errors = problems.filter((problem) => problem.set === set && problem.severity === "error").length;
  if (errors > 0) {
    return (
      <span className="rounded-full bg-deny-soft px-1.5 text-xs text-deny tabular-nums">
        {errors}
        <span className="sr-only">{errors === 1 ? " error" : " errors"}</span>
      </span>
    );
  }
  return changed ? <ChangedDot /> : null;
}

/** The mark of what was changed and is not published. */
export function ChangedDot() {
  return (
    <span className="size-1.5 shrink-0 rounded-full bg-accent">
      <span className="sr-only">changed</span>
    </span>
  );
}
