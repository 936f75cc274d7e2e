import { classes } from "./classes.ts";
import { type VerdictKind, verdictChartClass, verdictKinds, verdictWord } from "./verdict.tsx";

/** Counts of one bar of the chart. */
export interface VerdictBar {
  /** what the bar stands for, e.g. "14:30" */
  readonly label: string;
  readonly counts: Readonly<Record<VerdictKind, number>>;
}

function total(bar: VerdictBar): number {
  return verdictKinds.reduce((sum, kind) => sum + bar.counts[kind], 0);
}

/** Exchanges over time, stacked by verdict, with the numbers in a legend and in each bar's name. */
export function VerdictChart({ bars, label }: { readonly bars: readonly VerdictBar[]; readonly label: string }) {
  const highest = Math.max(1, ...bars.map(total));
  return (
    <figure aria-label={label}>
      <div className="relative h-36">
        <div className="absolute inset-0 flex flex-col justify-between" aria-hidden>
          {[highest, Math.round(highest / 2), 0].map((value, index) => (
            <div key={index} className="relative h-0 border-t border-line">
              <span className="absolute -top-2 right-0 bg-surface pl-1 text-xs leading-4 text-ink-faint tabular-nums">
                {value.toLocaleString("en")}
              </span>
            </div>
          ))}
        </div>
        <ul className="absolute inset-0 mr-10 flex items-end gap-px sm:gap-0.5" aria-label="Bars">
          {bars.map((bar) => (
            <Bar key={bar.label} bar={bar} highest={highest} />
          ))}
        </ul>
      </div>
      <div className="mt-1.5 mr-10 flex justify-between text-xs text-ink-faint tabular-nums" aria-hidden>
        <span suppressHydrationWarning>{bars[0]?.label}</span>
        <span suppressHydrationWarning>{bars[Math.floor(bars.length / 2)]?.label}</span>
        <span suppressHydrationWarning>{bars.at(-1)?.label}</span>
      </div>
    </figure>
  );
}

function Bar({ bar, highest }: { readonly bar: VerdictBar; readonly highest: number }) {
  const parts = verdictKinds.filter((kind) => bar.counts[kind] > 0);
  const words = parts.map((kind) => `${bar.counts[kind]} ${verdictWord(kind).toLowerCase()}`).join(", ");
  const name = `${bar.label}: ${words === "" ? "nothing" : words}`;
  return (
    <li title={name} className="group flex h-full min-w-0 flex-1 flex-col-reverse justify-start hover:bg-hover">
      <span className="sr-only" suppressHydrationWarning>
        {name}
      </span>
      {parts.map((kind, index) => (
        <span
          key={kind}
          aria-hidden
          className={classes("w-full", verdictChartClass(kind), index === parts.length - 1 && "rounded-t-[2px]")}
          style={{ height: `${(bar.counts[kind] / highest) * 100}%`, minHeight: 2 }}
        />
      ))}
    </li>
  );
}
