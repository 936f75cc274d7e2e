"use client";
import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../../client/api.tsx";
import { Callout } from "../../../ui/states.tsx";

/** Why one person is not enough, and who else there is. */
export function SecondPerson({ reason }: { readonly reason: string }) {
  const api = useApi();
  const { data: rule } = useQuery(api.policies.rule.get.queryOptions());
  return (
    <Callout tone="warn" title="This needs a second person" live>
      {reason} {rule === undefined ? "" : who(rule.others)}
    </Callout>
  );
}

function who(others: number): string {
  if (others === 0) {
    return "Nobody else here may approve a publish: an admin can add an editor, an approver or another admin.";
  }
  return others === 1 ? "One other member can approve it." : `${others} other members can approve it.`;
}
