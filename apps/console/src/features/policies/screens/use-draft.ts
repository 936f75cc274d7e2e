"use client";
import { useCallback, useEffect, useState } from "react";
import { failureText, type Outputs, useApiClient } from "../../../client/api.tsx";
import type { PolicySetName } from "../schemas.ts";
import { sameFiles, type TestFiles } from "./test-file.ts";

type Sets = Outputs["policies"]["current"]["sets"];
type Checked = Outputs["policies"]["check"];

const typingPauseMs = 300;

/** What is published together: the three texts and their tests as files. */
export interface Content {
  readonly sets: Sets;
  readonly tests: TestFiles;
}

/** A candidate text of the three sets with its tests, and what the official engine says of it. */
export interface Draft extends Content {
  readonly dirty: boolean;
  readonly testsDirty: boolean;
  /** null until the first answer */
  readonly checked: Checked | null;
  readonly checking: boolean;
  /** why it could not be checked or formatted at all */
  readonly failure: string | null;
  readonly change: (set: PolicySetName, text: string) => void;
  /** writes a file of tests; null takes it away */
  readonly changeTest: (file: string, text: string | null) => void;
  readonly format: (set: PolicySetName) => Promise<void>;
  readonly reset: () => void;
  /** replaces the whole draft */
  readonly take: (content: Content) => void;
}

/** The newest answer, and the text it is about. */
interface Answer {
  readonly about: Sets | null;
  readonly checked: Checked | null;
  readonly failure: string | null;
}

/** Keeps the draft, checks it shortly after each pause in typing, and drops answers that are older than the text. */
export function useDraft(published: Content, startsWith: Content = published): Draft {
  const client = useApiClient();
  const [sets, setSets] = useState<Sets>(startsWith.sets);
  const [tests, setTests] = useState<TestFiles>(startsWith.tests);
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
  const changeTest = useCallback((file: string, text: string | null) => {
    setTests((before) => {
      if (text !== null) return before[file] === text ? before : { ...before, [file]: text };
      return Object.fromEntries(Object.entries(before).filter(([name]) => name !== file));
    });
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
  const take = (content: Content): void => {
    setSets(content.sets);
    setTests(content.tests);
  };
  const testsDirty = !sameFiles(tests, published.tests);
  const dirty = testsDirty || !sameFiles(sets, published.sets);
  useAskBeforeLeaving(dirty);
  return {
    sets,
    tests,
    dirty,
    testsDirty,
    checked: answer.checked,
    checking: answer.about !== sets,
    failure: answer.failure,
    change,
    changeTest,
    format,
    reset: () => take(published),
    take,
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
