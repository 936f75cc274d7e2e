import type { ReactNode } from "react";
import { classes } from "./classes.ts";

/** The meaning a badge's colour repeats; its text must say it too. */
export type Tone = "neutral" | "accent" | "good" | "warn" | "bad" | "mask";

const tones: Record<Tone, string> = {
  neutral: "bg-hover text-ink-muted",
  accent: "bg-accent-soft text-accent",
  good: "bg-allow-soft text-allow",
  warn: "bg-ask-soft text-ask",
  bad: "bg-deny-soft text-deny",
  mask: "bg-mask-soft text-mask",
};

const dots: Record<Tone, string> = {
  neutral: "bg-ink-faint",
  accent: "bg-accent",
  good: "bg-chart-allow",
  warn: "bg-chart-ask",
  bad: "bg-chart-deny",
  mask: "bg-chart-mask",
};

/** A small label of state or kind. */
export function Badge({
  tone = "neutral",
  icon,
  mono = false,
  children,
}: {
  readonly tone?: Tone;
  readonly icon?: ReactNode;
  readonly mono?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <span
      className={classes(
        "inline-flex min-h-5 max-w-full items-center gap-1 rounded-sm px-1.5 align-middle text-xs font-medium [&_svg]:size-3 [&_svg]:shrink-0",
        mono ? "font-mono" : "whitespace-nowrap",
        tones[tone],
      )}
    >
      {icon}
      {children}
    </span>
  );
}

/** A state as a dot and its word. */
export function Status({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1.5 align-middle whitespace-nowrap text-ink">
      <span className={classes("size-2 shrink-0 rounded-full", dots[tone])} aria-hidden />
      {children}
    </span>
  );
}
