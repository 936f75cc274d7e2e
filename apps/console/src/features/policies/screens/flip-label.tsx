import { ArrowRight } from "lucide-react";
import type { VerdictKind } from "../../../ui/verdict.tsx";
import { type FlipKind, flipWords } from "./flip-words.ts";

const inks: Readonly<Record<VerdictKind, string>> = {
  allow: "text-allow",
  mask: "text-mask",
  ask: "text-ask",
  deny: "text-deny",
};
const areas: Readonly<Record<VerdictKind, string>> = {
  allow: "bg-chart-allow",
  mask: "bg-chart-mask",
  ask: "bg-chart-ask",
  deny: "bg-chart-deny",
};

/** The class that fills an area with the colour of what a flip ends in. */
export function flipArea(kind: FlipKind): string {
  return kind === "terms" ? "bg-line-strong" : areas[flipWords[kind].to.look];
}

/** "Allowed → Refused": both ends with word and colour. */
export function FlipLabel({ kind }: { readonly kind: FlipKind }) {
  const { from, to } = flipWords[kind];
  if (kind === "terms") return <span className="text-xs font-medium text-ink-muted">Other limits or workflows</span>;
  return (
    <span className="inline-flex items-center gap-1 text-xs font-medium whitespace-nowrap">
      <span className={inks[from.look]}>{from.word}</span>
      <ArrowRight className="size-3 shrink-0 text-ink-faint" role="img" aria-label="to" />
      <span className={inks[to.look]}>{to.word}</span>
    </span>
  );
}
