"use client";
import { useMutation } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useCallback, useEffect, useState } from "react";
import { failureText, useApi } from "../../../client/api.tsx";
import type { Impact, ImpactSpan } from "../impact-schemas.ts";

/** What to replay: the candidate and the span. */
export interface ImpactWish {
  readonly sets: { readonly guardrails: string; readonly access: string; readonly obligations: string };
  readonly span: ImpactSpan;
  /** ISO 8601, for a custom span */
  readonly from?: string;
  readonly to?: string;
}

/** A replay as it runs. */
export interface LiveImpact {
  /** null until the server has taken it */
  readonly impact: Impact | null;
  /** why there is none */
  readonly failure: string | null;
  readonly cancel: () => void;
  readonly again: () => void;
}

const ended: ReadonlySet<Impact["status"]> = new Set(["done", "cancelled", "failed"]);

/** What the server answered last, and to which wish. */
interface Answer {
  readonly about: string;
  readonly impact: Impact | null;
  readonly failure: string | null;
}

/** Starts a replay when there is a wish, follows it live, and starts anew when the wish changes; keep the wish's identity. */
export function useImpact(wish: ImpactWish | null): LiveImpact {
  const api = useApi();
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [round, setRound] = useState(0);
  const { mutate } = useMutation(api.policies.impact.start.mutationOptions());
  const about = `${round} ${JSON.stringify(wish)}`;
  const tell = useCallback((impact: Impact | null, cause?: unknown) => {
    const failure = cause === undefined ? null : failureText(cause);
    setAnswer((now) => (now === null ? now : { about: now.about, impact: impact ?? now.impact, failure }));
  }, []);
  const cancel = useMutation(api.policies.impact.cancel.mutationOptions({ onSuccess: (ended) => tell(ended) }));
  useEffect(() => {
    if (wish === null) return;
    let stale = false;
    const set = (impact: Impact | null, failure: string | null): void => {
      if (!stale) setAnswer({ about, impact, failure });
    };
    mutate(
      { ...wish },
      { onSuccess: (started) => set(started, null), onError: (cause) => set(null, failureText(cause)) },
    );
    return () => {
      stale = true;
    };
  }, [wish, about, mutate]);
  const current = answer?.about === about ? answer : null;
  const impact = current?.impact ?? null;
  const running = impact !== null && !ended.has(impact.status);
  useSubscription(
    api.policies.impact.stream.subscriptionOptions(
      { id: impact?.id ?? "" },
      {
        enabled: running,
        onData: ({ data }) => (data.id === impact?.id ? tell(data) : undefined),
        onError: (cause) => tell(null, cause),
      },
    ),
  );
  return {
    impact,
    failure: current?.failure ?? null,
    cancel: () => {
      if (impact !== null) cancel.mutate({ id: impact.id });
    },
    again: () => setRound((before) => before + 1),
  };
}
