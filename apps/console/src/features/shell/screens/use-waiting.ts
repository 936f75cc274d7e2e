"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useState } from "react";
import { useApi } from "../../../client/api.tsx";

/**
 * How many approvals wait for the reader, kept current. The one subscription to approvals of a page: browsers allow few
 * connections to a plain HTTP origin, so screens do not open their own but have their queries read again from here.
 */
export function useWaiting(first: number): number {
  const api = useApi();
  const queries = useQueryClient();
  const [waiting, setWaiting] = useState(first);
  useSubscription(
    api.approvals.stream.subscriptionOptions(
      {},
      {
        onData: (event) => {
          setWaiting(event.data.waitingForMe);
          void queries.invalidateQueries({ queryKey: api.approvals.pathKey() });
        },
      },
    ),
  );
  return waiting;
}
