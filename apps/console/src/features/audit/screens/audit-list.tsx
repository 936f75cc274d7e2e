"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { SearchX } from "lucide-react";
import { useCallback } from "react";
import { failureText, type Outputs, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Callout, EmptyState } from "../../../ui/states.tsx";
import { useNarrow } from "../../../ui/use-narrow.ts";
import { VirtualList } from "../../../ui/virtual-list.tsx";
import type { RecordFilter, RecordRow } from "../schemas.ts";
import { RecordHeadings, RecordLine, recordLinePx } from "./record-line.tsx";

const pageRows = 100;

/** Records that match, newest first; more are read as one scrolls. */
export function AuditList({
  filter,
  first,
}: {
  readonly filter: RecordFilter;
  readonly first: Outputs["audit"]["search"];
}) {
  const api = useApi();
  const narrow = useNarrow();
  const search = useInfiniteQuery(
    api.audit.search.infiniteQueryOptions(
      { ...filter, limit: pageRows },
      {
        getNextPageParam: (page) => page.nextCursor ?? undefined,
        initialData: { pages: [first], pageParams: [null] },
        refetchOnWindowFocus: false,
        staleTime: Number.POSITIVE_INFINITY,
      },
    ),
  );
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = search;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const items = search.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <div className="rounded-lg border border-line">
        <EmptyState icon={<SearchX />} title="No record matches">
          Nothing in this time fits the filter. Widen the time, or clear the filter to see everything.
        </EmptyState>
      </div>
    );
  }
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface shadow-card">
      <RecordHeadings />
      <VirtualList<RecordRow>
        label="Records, newest first"
        items={items}
        rowPx={narrow ? recordLinePx.narrow : recordLinePx.wide}
        keyOf={(record) => record.id}
        row={(record) => <RecordLine record={record} narrow={narrow} />}
        onEndNear={more}
        className="h-[calc(100dvh-15.75rem)] min-h-80"
      />
      <footer className="flex min-h-9 items-center justify-between gap-3 border-t border-line bg-sunken px-4 text-xs text-ink-muted">
        {search.error === null ? (
          <span role="status">
            {items.length.toLocaleString("en")} {items.length === 1 ? "record" : "records"}
            {hasNextPage ? " so far" : ""}
            {isFetchingNextPage ? ", reading more…" : ""}
          </span>
        ) : (
          <Callout tone="bad" title="More could not be read" live action={<Button onClick={more}>Try again</Button>}>
            {failureText(search.error)}
          </Callout>
        )}
      </footer>
    </div>
  );
}
