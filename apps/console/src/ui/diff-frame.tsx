import type { ReactNode } from "react";

/** How lines of a diff look, and the sign that says it without colour. */
export const diffLooks = {
  same: { sign: " ", line: "text-ink-muted", word: "" },
  added: { sign: "+", line: "bg-allow-soft text-ink", word: "rounded-sm bg-allow/25" },
  removed: { sign: "−", line: "bg-deny-soft text-ink", word: "rounded-sm bg-deny/25" },
} as const;

/** The box of a diff: it scrolls by itself and can be reached by keyboard. Says so when nothing differs. */
export function DiffFrame({
  label,
  empty,
  children,
}: {
  readonly label: string;
  readonly empty: boolean;
  readonly children: ReactNode;
}) {
  if (empty) return <p className="text-sm text-ink-muted">No change.</p>;
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label={label}
      className="overflow-x-auto rounded-md border border-line bg-sunken py-1"
    >
      {children}
    </div>
  );
}

/** A line's number and sign. */
export function DiffMargin({
  number,
  kind,
}: {
  readonly number: number | null;
  readonly kind: keyof typeof diffLooks;
}) {
  return (
    <>
      <span className="w-10 shrink-0 pr-2 text-right text-ink-faint select-none" aria-hidden>
        {number}
      </span>
      <span className="w-5 shrink-0 select-none">{diffLooks[kind].sign}</span>
    </>
  );
}
