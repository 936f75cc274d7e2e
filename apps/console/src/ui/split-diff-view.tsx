import { classes } from "./classes.ts";
import { diffLines, nearChanges } from "./diff.ts";
import { DiffFrame, DiffMargin, diffLooks } from "./diff-frame.tsx";
import { Exact } from "./exact.tsx";
import { type Side, splitRows } from "./split-diff.ts";

/** Two texts beside each other, unchanged stretches left out, changed words marked. */
export function SplitDiffView({
  before,
  after,
  label,
}: {
  readonly before: string;
  readonly after: string;
  readonly label: string;
}) {
  const rows = nearChanges(splitRows(diffLines(before, after)));
  return (
    <DiffFrame label={label} empty={rows.length === 0}>
      <div className="grid min-w-[56rem] grid-cols-2 font-mono text-xs leading-5">
        {rows.map((row, index) =>
          row === undefined ? (
            <span key={`gap${index}`} className="col-span-2 px-3 text-ink-faint">
              ⋯
            </span>
          ) : (
            <div
              key={`${row.before?.number ?? ""}:${row.after?.number ?? ""}`}
              className="col-span-2 grid grid-cols-subgrid"
            >
              <Cell side={row.before} look={row.kind === "same" ? "same" : "removed"} />
              <Cell side={row.after} look={row.kind === "same" ? "same" : "added"} />
            </div>
          ),
        )}
      </div>
    </DiffFrame>
  );
}

function Cell({ side, look }: { readonly side: Side; readonly look: keyof typeof diffLooks }) {
  if (side === null) return <span className="border-l border-line bg-hover/40 first:border-l-0" />;
  return (
    <span className={classes("flex border-l border-line pr-3 first:border-l-0", diffLooks[look].line)}>
      <DiffMargin number={side.number} kind={look} />
      <code className="min-w-0 whitespace-pre-wrap wrap-anywhere">
        {side.stretches.map((stretch, at) =>
          stretch.changed ? (
            <mark key={`${at} ${stretch.text}`} className={classes("text-inherit", diffLooks[look].word)}>
              <Exact text={stretch.text} />
            </mark>
          ) : (
            <Exact key={`${at} ${stretch.text}`} text={stretch.text} />
          ),
        )}
      </code>
    </span>
  );
}
