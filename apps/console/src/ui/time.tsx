"use client";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useHydrated } from "./use-hydrated.ts";

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** "2 min ago", "in 3 h", "just now": the largest whole unit, in short words. */
export function relativeTime(atMs: number, nowMs: number): string {
  const seconds = Math.round((atMs - nowMs) / 1000);
  const size = Math.abs(seconds);
  // the shared clock moves every ten seconds: what has just happened may lie a little ahead of it
  if (size < 5 || (seconds > 0 && seconds <= 15)) return "just now";
  const words: Record<string, string> = { day: "d", hour: "h", minute: "min", second: "s" };
  for (const [unit, unitSeconds] of units) {
    if (size < unitSeconds) continue;
    const text = `${Math.floor(size / unitSeconds)} ${words[unit]}`;
    return seconds < 0 ? `${text} ago` : `in ${text}`;
  }
  return "just now";
}

function clockTime(at: Date, now: Date): string {
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(at);
  if (at.toDateString() === now.toDateString()) return time;
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" }).format(at);
  return `${day}, ${time}`;
}

/** The exact time, with seconds and zone, as tooltips show it. */
export function exactTime(at: Date): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" }).format(at);
}

const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for all times on the page: one timer however many rows. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    // it stood still while no time was shown; React looks again after subscribing
    nowMs = Date.now();
    timer = setInterval(() => {
      nowMs = Date.now();
      for (const each of listeners) each();
    }, 10_000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function useNow(): number {
  return useSyncExternalStore(
    subscribe,
    () => nowMs,
    () => nowMs,
  );
}

/**
 * A moment as "2 min ago (14:30)", exact on hover; `form` "relative" or "clock" for narrow columns,
 * "seconds" for logs (14:30:05 today, the day and time before).
 * The server does not know the reader's zone, so the text is rendered anew once in the browser.
 */
export function Time({
  at,
  form = "both",
}: {
  readonly at: Date | string | number;
  readonly form?: "both" | "relative" | "clock" | "seconds";
}) {
  const now = useNow();
  const hydrated = useHydrated();
  const date = new Date(at);
  const relative = relativeTime(date.getTime(), now);
  const clock = clockTime(date, new Date(now));
  const today = date.toDateString() === new Date(now).toDateString();
  const seconds = today ? new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" }).format(date) : clock;
  const text = { both: `${relative} (${clock})`, relative, clock, seconds }[form];
  return (
    <time
      key={hydrated ? "reader" : "server"}
      dateTime={date.toISOString()}
      title={exactTime(date)}
      className="whitespace-nowrap tabular-nums"
      suppressHydrationWarning
    >
      {text}
    </time>
  );
}

/** Seconds left until a moment as "4:59", counting down each second; "0:00" when past. */
export function Countdown({ until }: { readonly until: Date | string | number }) {
  const untilMs = new Date(until).getTime();
  const [left, setLeft] = useState(() => Math.max(0, untilMs - Date.now()));
  useEffect(() => {
    const tick = setInterval(() => setLeft(Math.max(0, untilMs - Date.now())), 1000);
    return () => clearInterval(tick);
  }, [untilMs]);
  const seconds = Math.ceil(left / 1000);
  return (
    <span className="tabular-nums" suppressHydrationWarning>
      {Math.floor(seconds / 60)}:{String(seconds % 60).padStart(2, "0")}
    </span>
  );
}
