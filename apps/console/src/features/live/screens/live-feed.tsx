"use client";
import { useSubscription } from "@trpc/tanstack-react-query";
import { Activity, ArrowUp, Pause, Play } from "lucide-react";
import { useEffect, useReducer, useRef, useState } from "react";
import { type Outputs, useApi } from "../../../client/api.tsx";
import { Status } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { useNarrow } from "../../../ui/use-narrow.ts";
import { VirtualList } from "../../../ui/virtual-list.tsx";
import type { RecordFilter, RecordRow } from "../../audit/schemas.ts";
import { RecordHeadings, RecordLine, recordLinePx } from "../../audit/view.ts";
import type { LiveEvent } from "../schemas.ts";
import { nextFeed, startFeed } from "./feed.ts";

const flushMs = 120;

/** Gathers events for a moment, so that a burst costs one render. */
function useGathered(flush: (events: readonly LiveEvent[]) => void): (event: LiveEvent) => void {
  const gathered = useRef<LiveEvent[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (event) => {
    gathered.current.push(event);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      flush(gathered.current.splice(0));
    }, flushMs);
  };
}

/** Decisions as they happen. While paused or scrolled away new ones wait behind a pill and nothing moves. */
export function LiveFeed({
  filter,
  first,
}: {
  readonly filter: Omit<RecordFilter, "from" | "to">;
  readonly first: Outputs["live"]["recent"];
}) {
  const api = useApi();
  const narrow = useNarrow();
  const [feed, dispatch] = useReducer(nextFeed, first.items, startFeed);
  const [paused, setPaused] = useState(false);
  const [away, setAway] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const hold = paused || away;
  const gather = useGathered((events) => dispatch({ kind: "came", events, hold }));
  const stream = useSubscription(
    api.live.stream.subscriptionOptions(
      { ...filter, lastEventId: first.lastEventId },
      { onData: (event) => gather(event.data) },
    ),
  );
  const scrolled = (isAway: boolean): void => {
    setAway(isAway);
    if (!isAway && !paused && feed.held.length > 0) dispatch({ kind: "release" });
  };
  const release = (): void => {
    list.current?.querySelector("[role=region]")?.scrollTo({ top: 0 });
    setPaused(false);
    dispatch({ kind: "release" });
  };
  return (
    <div ref={list} className="relative overflow-hidden rounded-lg border border-line bg-surface shadow-card">
      <header className="flex h-10 items-center gap-3 border-b border-line px-4">
        <StreamStatus status={stream.status} paused={paused} />
        <span className="flex-1" />
        <Button
          size="sm"
          tone="quiet"
          icon={paused ? <Play aria-hidden /> : <Pause aria-hidden />}
          onClick={paused ? release : () => setPaused(true)}
        >
          {paused ? "Go on" : "Pause"}
        </Button>
      </header>
      <RecordHeadings />
      {feed.held.length === 0 ? null : (
        <button
          type="button"
          onClick={release}
          className="pop-in absolute top-20 left-1/2 z-10 inline-flex h-8 -translate-x-1/2 items-center gap-1.5 rounded-full bg-accent-fill px-3.5 text-sm font-medium text-on-accent shadow-pop hover:bg-accent-fill-hover"
        >
          <ArrowUp className="size-4" aria-hidden />
          {feed.held.length} new
        </button>
      )}
      {feed.shown.length === 0 ? (
        <EmptyState icon={<Activity />} title="Waiting for the first decision">
          Run a statement through an enforcer and it appears here within a second, with its verdict and the reason.
        </EmptyState>
      ) : (
        <VirtualList<RecordRow>
          label="Decisions, newest first"
          items={feed.shown}
          rowPx={narrow ? recordLinePx.narrow : recordLinePx.wide}
          keyOf={(record) => record.id}
          row={(record) => <RecordLine record={record} narrow={narrow} arrived={feed.arrived.has(record.id)} />}
          onScrolled={scrolled}
          className="h-[calc(100dvh-16rem)] min-h-80"
        />
      )}
    </div>
  );
}

function StreamStatus({
  status,
  paused,
}: {
  readonly status: "idle" | "connecting" | "pending" | "error";
  readonly paused: boolean;
}) {
  if (paused) return <Status tone="neutral">Paused</Status>;
  if (status === "pending") return <Status tone="good">Live</Status>;
  if (status === "error") return <Status tone="bad">Not connected: reload the page to try again</Status>;
  return <Status tone="warn">Connecting…</Status>;
}
