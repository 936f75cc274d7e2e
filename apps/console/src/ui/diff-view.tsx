import { classes } from "./classes.ts";
import { diffLines, nearChanges } from "./diff.ts";

const looks = {
  same: { sign: " ", look: "text-ink-muted" },
  added: { sign: "+", look: "bg-allow-soft text-ink" },
  removed: { sign: "−", look: "bg-deny-soft text-ink" },
} as const;

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
  if (lines.length === 0) return <p className="text-sm text-ink-muted">No change.</p>;
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label={label}
      className="overflow-x-auto rounded-md border border-line bg-sunken py-1"
    >
      <pre className="min-w-max text-xs leading-5">
        {lines.map((line, index) =>
          line === undefined ? (
            <span key={`gap${index}`} className="block px-3 text-ink-faint">
              ⋯
            </span>
          ) : (
            <span
              key={`${line.before ?? ""}:${line.after ?? ""}`}
              className={classes("flex pr-4", looks[line.kind].look)}
            >
              <span className="w-10 shrink-0 pr-2 text-right text-ink-faint select-none" aria-hidden>
                {line.after ?? line.before}
              </span>
              <span className="w-5 shrink-0 select-none">{looks[line.kind].sign}</span>
              <code>{line.text}</code>
            </span>
          ),
        )}
      </pre>
    </div>
  );
}
