"use client";
import { useCallback, useEffect, useState } from "react";
import { failureText, type Outputs, useApiClient } from "../../../client/api.tsx";
import type { PolicySetName } from "../schemas.ts";

type Sets = Outputs["policies"]["current"]["sets"];
type Checked = Outputs["policies"]["check"];

const typingPauseMs = 300;

/** A candidate text of the three sets and what the official engine says of it. */
export interface Draft {
  readonly sets: Sets;
  readonly dirty: boolean;
  /** null until the first answer */
  readonly checked: Checked | null;
  readonly checking: boolean;
  /** why it could not be checked or formatted at all */
  readonly failure: string | null;
  readonly change: (set: PolicySetName, text: string) => void;
  readonly format: (set: PolicySetName) => Promise<void>;
  readonly reset: () => void;
  /** replaces the whole draft */
  readonly take: (sets: Sets) => void;
}

/** The newest answer, and the text it is about. */
interface Answer {
  readonly about: Sets | null;
  readonly checked: Checked | null;
  readonly failure: string | null;
}

/** Keeps the draft, checks it shortly after each pause in typing, and drops answers that are older than the text. */
export function useDraft(published: Sets, startsWith: Sets = published): Draft {
  const client = useApiClient();
  const [sets, setSets] = useState<Sets>(startsWith);
  const [answer, setAnswer] = useState<Answer>({ about: null, checked: null, failure: null });
  useEffect(() => {
    let stale = false;
    const check = async (): Promise<void> => {
      try {
        const checked = await client.policies.check.query({ sets });
        if (!stale) setAnswer({ about: sets, checked, failure: null });
      } catch (cause) {
        if (!stale) setAnswer((before) => ({ about: sets, checked: before.checked, failure: failureText(cause) }));
      }
    };
    const timer = setTimeout(() => void check(), typingPauseMs);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [client, sets]);
  const change = useCallback((set: PolicySetName, text: string) => {
    setSets((before) => (before[set] === text ? before : { ...before, [set]: text }));
  }, []);
  const format = async (set: PolicySetName): Promise<void> => {
    const text = sets[set];
    try {
      const formatted = await client.policies.format.query({ set, text });
      // what was typed meanwhile wins
      setSets((before) => (before[set] === text ? { ...before, [set]: formatted.text } : before));
    } catch (cause) {
      setAnswer((before) => ({ ...before, failure: failureText(cause) }));
    }
  };
  const dirty =
    sets.guardrails !== published.guardrails ||
    sets.access !== published.access ||
    sets.obligations !== published.obligations;
  useAskBeforeLeaving(dirty);
  const reset = (): void => setSets(published);
  return {
    sets,
    dirty,
    checked: answer.checked,
    checking: answer.about !== sets,
    failure: answer.failure,
    change,
    format,
    reset,
    take: setSets,
  };
}

/** The browser asks before a page with unpublished text is closed or reloaded. */
function useAskBeforeLeaving(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [dirty]);
}
