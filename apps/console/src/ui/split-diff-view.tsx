import { classes } from "./classes.ts";
import { diffLines, nearChanges } from "./diff.ts";
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
  if (rows.length === 0) return <p className="text-sm text-ink-muted">No change.</p>;
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label={label}
      className="overflow-x-auto rounded-md border border-line bg-sunken py-1"
    >
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
    </div>
  );
}

const looks = {
  same: { line: "text-ink-muted", word: "", sign: " " },
  removed: { line: "bg-deny-soft text-ink", word: "rounded-sm bg-deny/25", sign: "−" },
  added: { line: "bg-allow-soft text-ink", word: "rounded-sm bg-allow/25", sign: "+" },
} as const;

function Cell({ side, look }: { readonly side: Side; readonly look: keyof typeof looks }) {
  if (side === null) return <span className="border-l border-line first:border-l-0" />;
  return (
    <span className={classes("flex border-l border-line pr-3 first:border-l-0", looks[look].line)}>
      <span className="w-10 shrink-0 pr-2 text-right text-ink-faint select-none" aria-hidden>
        {side.number}
      </span>
      <span className="w-5 shrink-0 select-none">{looks[look].sign}</span>
      <code className="min-w-0 whitespace-pre-wrap wrap-anywhere">
        {side.stretches.map((stretch, at) =>
          stretch.changed ? (
            <mark key={`${at} ${stretch.text}`} className={classes("text-inherit", looks[look].word)}>
              {stretch.text}
            </mark>
          ) : (
            stretch.text
          ),
        )}
      </code>
    </span>
  );
}
