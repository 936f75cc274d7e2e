import type { Metadata } from "next";
import { FilterBar } from "../../../features/audit/screens/filter-bar.tsx";
import { parseFilter, type SearchParams } from "../../../features/audit/screens/filter-url.ts";
import { liveFilterSchema } from "../../../features/live/schemas.ts";
import { LiveFeed } from "../../../features/live/screens/live-feed.tsx";
import { shown } from "../../../features/shell/screens/shown.tsx";
import { api } from "../../../server/page.ts";
import { Page, PageHeader } from "../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Live" };

/** /live?… the audit filters without times. */
export default async function LivePage({ searchParams }: { readonly searchParams: Promise<SearchParams> }) {
  const caller = await api();
  const filter = liveFilterSchema.parse(parseFilter(await searchParams, 0).filter);
  const [facets, recent] = [caller.audit.facets(), caller.live.recent(filter)];
  return (
    <Page wide>
      <PageHeader title="Live" description="Every decision as it happens, with its reason. Open one to see why." />
      {
        await shown(Promise.all([facets, recent]), ([offers, first]) => (
          <>
            <FilterBar facets={offers} withTime={false} />
            <LiveFeed key={JSON.stringify(filter)} filter={filter} first={first} />
          </>
        ))
      }
    </Page>
  );
}
