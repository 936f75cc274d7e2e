import { classes } from "./classes.ts";
import { diffLines, nearChanges } from "./diff.ts";
import { DiffFrame, DiffMargin, diffLooks } from "./diff-frame.tsx";
import { Exact } from "./exact.tsx";

/** How many lines a change adds and removes. */
export function diffCounts(before: string, after: string): { readonly added: number; readonly removed: number } {
  const lines = diffLines(before, after);
  return {
    added: lines.filter((line) => line.kind === "added").length,
    removed: lines.filter((line) => line.kind === "removed").length,
  };
}

/** Two texts compared line by line, unchanged stretches left out. */
export function DiffView({
  before,
  after,
  label,
}: {
  readonly before: string;
  readonly after: string;
  readonly label: string;
}) {
  const lines = nearChanges(diffLines(before, after));
  return (
    <DiffFrame label={label} empty={lines.length === 0}>
      <pre className="min-w-max text-xs leading-5">
        {lines.map((line, index) =>
          line === undefined ? (
            <span key={`gap${index}`} className="block px-3 text-ink-faint">
              ⋯
            </span>
          ) : (
            <span
              key={`${line.before ?? ""}:${line.after ?? ""}`}
              className={classes("flex pr-4", diffLooks[line.kind].line)}
            >
              <DiffMargin number={line.after ?? line.before ?? null} kind={line.kind} />
              <code>
                <Exact text={line.text} />
              </code>
            </span>
          ),
        )}
      </pre>
    </DiffFrame>
  );
}
