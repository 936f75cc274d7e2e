"use client";
import { useCallback, useEffect, useRef, useState } from "react";
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
}

/** Keeps the draft, checks it shortly after each pause in typing, and drops answers that are older than the text. */
export function useDraft(published: Sets): Draft {
  const client = useApiClient();
  const [sets, setSets] = useState<Sets>(published);
  const [checked, setChecked] = useState<Checked | null>(null);
  const [checking, setChecking] = useState(true);
  const [failure, setFailure] = useState<string | null>(null);
  const round = useRef(0);
  useEffect(() => {
    round.current += 1;
    const mine = round.current;
    setChecking(true);
    const timer = setTimeout(async () => {
      try {
        const answer = await client.policies.check.query({ sets });
        if (mine !== round.current) return;
        setChecked(answer);
        setFailure(null);
      } catch (cause) {
        if (mine === round.current) setFailure(failureText(cause));
      }
      if (mine === round.current) setChecking(false);
    }, typingPauseMs);
    return () => clearTimeout(timer);
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
      setFailure(failureText(cause));
    }
  };
  const dirty =
    sets.guardrails !== published.guardrails ||
    sets.access !== published.access ||
    sets.obligations !== published.obligations;
  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [dirty]);
  return { sets, dirty, checked, checking, failure, change, format, reset: () => setSets(published) };
}
