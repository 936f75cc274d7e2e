"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { History, Inbox as InboxIcon, Send } from "lucide-react";
import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { failureText, type Outputs, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Callout, EmptyState } from "../../../ui/states.tsx";
import { TabPanel, Tabs } from "../../../ui/tabs.tsx";
import { ApprovalCard } from "./approval-card.tsx";
import type { ApprovalView } from "./approval-view.ts";

const empties: Record<ApprovalView, { readonly icon: ReactNode; readonly title: string; readonly text: string }> = {
  waiting: {
    icon: <InboxIcon />,
    title: "Nothing waits",
    text: "When a policy asks for approval, the statement is held and appears here at once, for as long as its workflow allows.",
  },
  mine: {
    icon: <Send />,
    title: "You have asked for nothing",
    text: "Statements of yours, or of agents acting for you, that need approval are listed here with their answer.",
  },
  decided: {
    icon: <History />,
    title: "Nothing was decided yet",
    text: "Every approval, refusal and time-out stays here.",
  },
};

/** What waits for people, what I asked, what was decided. New asks appear without reloading: the shell has the list read again. */
export function Inbox({ view, first }: { readonly view: ApprovalView; readonly first: Outputs["approvals"]["list"] }) {
  const api = useApi();
  const router = useRouter();
  const list = useInfiniteQuery(
    api.approvals.list.infiniteQueryOptions(
      { view, limit: 50 },
      {
        getNextPageParam: (page) => page.nextCursor ?? undefined,
        initialData: { pages: [first], pageParams: [null] },
      },
    ),
  );
  const items = list.data.pages.flatMap((page) => page.items);
  const empty = empties[view];
  return (
    <Tabs<ApprovalView>
      label="Approvals"
      value={view}
      onChange={(next) => router.replace(next === "waiting" ? "/approvals" : `/approvals?view=${next}`)}
      tabs={[
        { id: "waiting", label: "Waiting" },
        { id: "mine", label: "Asked by me" },
        { id: "decided", label: "Decided" },
      ]}
    >
      <TabPanel id={view}>
        {list.error === null ? null : (
          <Callout tone="bad" title="The list could not be read" live>
            {failureText(list.error)}
          </Callout>
        )}
        <div className="rounded-lg border border-line bg-surface shadow-card">
          {items.length === 0 ? (
            <EmptyState icon={empty.icon} title={empty.title}>
              {empty.text}
            </EmptyState>
          ) : (
            <ul aria-label="Approvals">
              {items.map((approval) => (
                <ApprovalCard key={approval.id} approval={approval} />
              ))}
            </ul>
          )}
        </div>
        {list.hasNextPage ? (
          <div className="pt-3 text-center">
            <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              Show more
            </Button>
          </div>
        ) : null}
      </TabPanel>
    </Tabs>
  );
}
