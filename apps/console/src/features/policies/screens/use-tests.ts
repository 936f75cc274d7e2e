"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { failureText, type Outputs, useApi } from "../../../client/api.tsx";
import type { Content } from "./use-draft.ts";

const typingPauseMs = 500;

/** How tests went, and the way to run them again. */
export interface LiveTests {
  /** the newest answer; while `busy` it may be about an older text */
  readonly run: Outputs["policies"]["test"] | undefined;
  readonly failure: string | null;
  readonly busy: boolean;
  readonly again: () => void;
}

/** Runs tests against texts: at once, after each pause in typing, and when asked. Not while the texts have errors. */
export function useTests({ sets, tests }: Content, valid: boolean): LiveTests {
  const api = useApi();
  const [settled, setSettled] = useState({ sets, tests });
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ sets, tests }), typingPauseMs);
    return () => clearTimeout(timer);
  }, [sets, tests]);
  const { data, error, isFetching, refetch } = useQuery(
    api.policies.test.queryOptions(settled, {
      enabled: valid,
      staleTime: 60_000,
      retry: false,
      placeholderData: keepPreviousData,
    }),
  );
  const behind = settled.sets !== sets || settled.tests !== tests;
  return {
    run: data,
    failure: error === null ? null : failureText(error),
    busy: isFetching || behind,
    again: () => void refetch(),
  };
}
