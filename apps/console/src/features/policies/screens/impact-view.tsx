"use client";
import { CircleCheck, History, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Button } from "../../../ui/button.tsx";
import { classes } from "../../../ui/classes.ts";
import { Callout, EmptyState } from "../../../ui/states.tsx";
import type { Impact, ImpactResult } from "../impact-schemas.ts";
import { FlipLabel } from "./flip-label.tsx";
import { countedKinds, type FlipKind, percent, unreplayedText } from "./flip-words.ts";
import { ImpactExamples } from "./impact-examples.tsx";
import { ImpactGroups } from "./impact-groups.tsx";
import type { LiveImpact } from "./use-impact.ts";

/** A replay as it runs: how far it is, then what it found. */
export function ImpactView({ live }: { readonly live: LiveImpact }) {
  const { again, cancel, failure, impact } = live;
  const retry = (
    <Button size="sm" onClick={again}>
      Try again
    </Button>
  );
  if (failure !== null) {
    return (
      <Callout tone="bad" title="The recorded decisions could not be replayed" action={retry} live>
        {failure}
      </Callout>
    );
  }
  if (impact === null || impact.status === "queued" || impact.status === "running") {
    return <Running impact={impact} onCancel={cancel} />;
  }
  if (impact.status === "cancelled") {
    return (
      <Callout tone="info" title="Cancelled" action={retry} live>
        Its effect is computed before it is published in any case.
      </Callout>
    );
  }
  if (impact.status === "failed") {
    return (
      <Callout tone="bad" title="The replay did not end" action={retry} live>
        {impact.error}
      </Callout>
    );
  }
  return <Found impact={impact} />;
}

function Running({ impact, onCancel }: { readonly impact: Impact | null; readonly onCancel: () => void }) {
  const seen = impact?.seen ?? 0;
  const total = impact?.total ?? 0;
  const known = total > 0;
  return (
    <div className="flex items-center gap-3 rounded-md border border-line px-3 py-3">
      <div className="min-w-0 flex-1">
        <p className="text-sm text-ink">
          {known ? (
            <>
              Replaying <span className="tabular-nums">{seen.toLocaleString("en")}</span> of{" "}
              <span className="tabular-nums">{total.toLocaleString("en")}</span> recorded exchanges
            </>
          ) : (
            "Looking for recorded exchanges…"
          )}
        </p>
        <div
          role="progressbar"
          aria-label="Replay"
          aria-valuemin={0}
          aria-valuemax={known ? total : 1}
          aria-valuenow={known ? seen : 0}
          className="mt-2 h-1.5 overflow-hidden rounded-full bg-hover"
        >
          <div
            className="h-full rounded-full bg-accent-fill transition-[width] duration-200"
            style={{ width: `${known ? Math.max(2, (seen / total) * 100) : 2}%` }}
          />
        </div>
      </div>
      <Button size="sm" onClick={onCancel} disabled={impact === null}>
        Cancel replay
      </Button>
    </div>
  );
}

/** What an ended replay found; also shown to the second person. */
export function Found({ impact }: { readonly impact: Impact }) {
  const [kind, setKind] = useState<FlipKind | null>(null);
  const { result } = impact;
  if (result === null) return null;
  if (result.records === 0) {
    return (
      <div className="rounded-md border border-line">
        <EmptyState icon={<History />} title="Nothing was recorded in this time">
          There is no traffic to compare with. Choose another time, or run statements through an enforcer: their
          decisions are replayed here before each publish.
        </EmptyState>
      </div>
    );
  }
  return (
    <div className="@container flex flex-col gap-4">
      <Headline result={result} />
      {result.changed === 0 ? null : (
        <>
          <KindTiles result={result} kind={kind} onKind={setKind} />
          <div className="grid items-start gap-5 @min-[46rem]:grid-cols-2">
            <ImpactGroups result={result} />
            <ImpactExamples impact={impact} kind={kind} />
          </div>
        </>
      )}
      <Coverage impact={impact} result={result} />
    </div>
  );
}

function Headline({ result }: { readonly result: ImpactResult }) {
  const { changed, replayed } = result;
  const Icon = changed === 0 ? CircleCheck : TriangleAlert;
  return (
    <p className="flex items-start gap-2 text-base text-ink" role="status">
      <Icon className={classes("mt-1 size-4 shrink-0", changed === 0 ? "text-allow" : "text-ask")} aria-hidden />
      {changed === 0 ? (
        <span>None of {replayed.toLocaleString("en")} replayed exchanges would end otherwise.</span>
      ) : (
        <span>
          <strong className="font-semibold tabular-nums">{changed.toLocaleString("en")}</strong> of{" "}
          {replayed.toLocaleString("en")} replayed exchanges would end otherwise ({percent(changed, replayed)}).
        </span>
      )}
    </p>
  );
}

function KindTiles({
  result,
  kind,
  onKind,
}: {
  readonly result: ImpactResult;
  readonly kind: FlipKind | null;
  readonly onKind: (kind: FlipKind | null) => void;
}) {
  return (
    <div
      className="grid grid-cols-2 gap-2 @min-[32rem]:grid-cols-3 @min-[46rem]:grid-cols-4"
      role="group"
      aria-label="Kinds of flips"
    >
      {countedKinds(result.kinds).map(({ count, kind: each }) => (
        <button
          key={each}
          type="button"
          aria-pressed={kind === each}
          title="Show only these examples"
          onClick={() => onKind(kind === each ? null : each)}
          className="flex flex-col items-start gap-0.5 rounded-md border border-line bg-surface px-3 py-2 text-left hover:bg-hover aria-pressed:border-accent aria-pressed:bg-selected"
        >
          <span className="text-lg font-semibold text-ink tabular-nums">{count.toLocaleString("en")}</span>
          <FlipLabel kind={each} />
        </button>
      ))}
    </div>
  );
}

/** How much of what was recorded the answer rests on. */
function Coverage({ impact, result }: { readonly impact: Impact; readonly result: ImpactResult }) {
  const { changedSinceAnchor, records, replayed, sampled } = result;
  const left = unreplayedText(result.unreplayable);
  return (
    <p className="text-xs text-ink-muted text-pretty">
      {percent(replayed, sampled)} of {sampled.toLocaleString("en")} exchanges could be replayed, with people, groups
      and tags as they are now.{left.length === 0 ? "" : ` Of the others, ${left.join(", ")}.`}
      {sampled < records
        ? ` They are an even sample of ${records.toLocaleString("en")}; at most about ${(impact.flips ?? 0).toLocaleString("en")} of all would flip.`
        : ""}
      {impact.anchorVersion === impact.baseVersion
        ? ""
        : ` Against version ${impact.anchorVersion}, the last that two people stood for or that is a day old, ${changedSinceAnchor.toLocaleString("en")} would end otherwise.`}
    </p>
  );
}
