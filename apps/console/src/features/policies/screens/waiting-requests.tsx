"use client";
import { useQuery } from "@tanstack/react-query";
import { type Outputs, useApi } from "../../../client/api.tsx";
import { ButtonLink } from "../../../ui/button.tsx";
import { Callout } from "../../../ui/states.tsx";

const refreshMs = 10_000;

/** Publishes that wait for a second person, where people look; nothing when none waits. */
export function WaitingRequests({ first }: { readonly first?: Outputs["policies"]["requests"]["list"] }) {
  const api = useApi();
  const { data } = useQuery(
    api.policies.requests.list.queryOptions(undefined, {
      ...(first === undefined ? {} : { initialData: first }),
      refetchInterval: refreshMs,
    }),
  );
  const waiting = (data?.items ?? []).filter(({ status }) => status === "waiting");
  const [newest] = waiting;
  if (newest === undefined) return null;
  const mine = waiting.filter(({ cannotDecide }) => cannotDecide === null).length;
  const one = waiting.length === 1;
  return (
    <div className="pb-4">
      <Callout
        tone={mine > 0 ? "warn" : "info"}
        title={
          one
            ? "A change of policy waits for a second person"
            : `${waiting.length} changes of policy wait for a second person`
        }
        action={
          <ButtonLink size="sm" href={one ? `/policies/requests/${newest.id}` : "/policies/requests"}>
            {mine > 0 ? "Review" : "Look"}
          </ButtonLink>
        }
      >
        {newest.requester.handle} asked: {newest.note === "" ? "no note" : newest.note}
      </Callout>
    </div>
  );
}
