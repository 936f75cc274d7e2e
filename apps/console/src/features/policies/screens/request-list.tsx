"use client";
import { useQuery } from "@tanstack/react-query";
import { UserRoundCheck } from "lucide-react";
import Link from "next/link";
import { type Outputs, useApi } from "../../../client/api.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { Columns, Table, Td, Tr } from "../../../ui/table.tsx";
import { Time } from "../../../ui/time.tsx";
import { RequestStatus } from "./request-status.tsx";

const refreshMs = 5_000;

/** Publishes that wait for a second person, then those that were decided. */
export function RequestList({ first }: { readonly first: Outputs["policies"]["requests"]["list"] }) {
  const api = useApi();
  const { data } = useQuery(
    api.policies.requests.list.queryOptions(undefined, { initialData: first, refetchInterval: refreshMs }),
  );
  if (data.items.length === 0) {
    return (
      <Panel flush>
        <EmptyState icon={<UserRoundCheck />} title="No publish waits for a second person">
          A change of policy that flips more recorded decisions than one person may is asked for here, and published by
          somebody else.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <Panel flush>
      <Table label="Publish requests">
        <Columns names={["What and why", "State", { right: "Flips" }, "Over", "By", "Asked"]} />
        <tbody>
          {data.items.map((request) => (
            <Tr key={request.id}>
              <Td>
                <Link
                  href={`/policies/requests/${request.id}`}
                  className="font-medium text-ink hover:text-accent hover:underline"
                >
                  {request.note === "" ? "No note" : request.note}
                </Link>
              </Td>
              <Td>
                <RequestStatus request={request} />
              </Td>
              <Td className="text-right tabular-nums">{request.flips.toLocaleString("en")}</Td>
              <Td className="text-ink-muted tabular-nums">v{request.baseVersion}</Td>
              <Td className="text-ink-muted">{request.requester.handle}</Td>
              <Td className="text-ink-muted">
                <Time at={request.createdAt} form="relative" />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  );
}
