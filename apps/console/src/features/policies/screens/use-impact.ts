"use client";
import { useMutation } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useEffect, useState } from "react";
import { failureText, useApi } from "../../../client/api.tsx";
import type { Impact, ImpactSpan } from "../schemas.ts";

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

/** Starts a replay when there is a wish, follows it live, and starts anew when the wish changes. */
export function useImpact(wish: ImpactWish | null): LiveImpact {
  const api = useApi();
  const [impact, setImpact] = useState<Impact | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const { mutate } = useMutation(api.policies.impact.start.mutationOptions());
  const cancel = useMutation(api.policies.impact.cancel.mutationOptions({ onSuccess: setImpact }));
  const key = wish === null ? null : JSON.stringify(wish);
  useEffect(() => {
    setImpact(null);
    setFailure(null);
    if (key === null) return;
    let stale = false;
    const asked: ImpactWish = JSON.parse(key);
    mutate(
      { ...asked },
      {
        onSuccess: (started) => void (stale || setImpact(started)),
        onError: (cause) => void (stale || setFailure(failureText(cause))),
      },
    );
    return () => {
      stale = true;
    };
  }, [key, mutate, round]);
  const running = impact !== null && !ended.has(impact.status);
  useSubscription(
    api.policies.impact.stream.subscriptionOptions(
      { id: impact?.id ?? "" },
      {
        enabled: running,
        onData: ({ data }) => setImpact((now) => (now?.id === data.id ? data : now)),
        onError: (cause) => setFailure(failureText(cause)),
      },
    ),
  );
  return {
    impact,
    failure,
    cancel: () => {
      if (impact !== null) cancel.mutate({ id: impact.id });
    },
    again: () => setRound((before) => before + 1),
  };
}
