import { CircleCheck, CircleSlash, EyeOff, Hand } from "lucide-react";
import { classes } from "./classes.ts";

/** The answer to one exchange. `mask` is an allow that hid something, `ask` one that waited for a person. */
export type VerdictKind = "allow" | "mask" | "ask" | "deny";

const looks = {
  allow: { word: "Allowed", Icon: CircleCheck, ink: "text-allow", soft: "bg-allow-soft", chart: "bg-chart-allow" },
  mask: { word: "Masked", Icon: EyeOff, ink: "text-mask", soft: "bg-mask-soft", chart: "bg-chart-mask" },
  ask: { word: "Asked", Icon: Hand, ink: "text-ask", soft: "bg-ask-soft", chart: "bg-chart-ask" },
  deny: { word: "Refused", Icon: CircleSlash, ink: "text-deny", soft: "bg-deny-soft", chart: "bg-chart-deny" },
} as const;

/** All verdicts, mildest first. */
export const verdictKinds: readonly VerdictKind[] = ["allow", "mask", "ask", "deny"];

/** The word people read for a verdict. */
export function verdictWord(kind: VerdictKind): string {
  return looks[kind].word;
}

/** The class that fills a chart's area for a verdict. */
export function verdictChartClass(kind: VerdictKind): string {
  return looks[kind].chart;
}

/** Narrows text from a record or URL to a verdict. */
export function isVerdict(text: string): text is VerdictKind {
  return text in looks;
}

/** A verdict, always as word, icon and colour together. `plain` drops the pill for dense rows. */
export function Verdict({ kind, plain = false }: { readonly kind: VerdictKind; readonly plain?: boolean }) {
  const { word, Icon, ink, soft } = looks[kind];
  return (
    <span
      className={classes(
        "inline-flex items-center gap-1 align-middle text-xs font-medium whitespace-nowrap",
        ink,
        !plain && "rounded-full py-0.5 pr-2 pl-1.5",
        !plain && soft,
      )}
    >
      <Icon className="size-3.5 shrink-0" aria-hidden />
      {word}
    </span>
  );
}
