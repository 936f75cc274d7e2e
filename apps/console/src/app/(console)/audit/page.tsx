import type { Metadata } from "next";
import { AuditList } from "../../../features/audit/screens/audit-list.tsx";
import { FilterBar } from "../../../features/audit/screens/filter-bar.tsx";
import { parseFilter, type SearchParams } from "../../../features/audit/screens/filter-url.ts";
import { shown } from "../../../features/shell/screens/shown.tsx";
import { api } from "../../../server/page.ts";
import { Page, PageHeader } from "../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Audit" };

const firstRows = 100;

/** /audit?… the whole search stands in the address. */
export default async function AuditPage({ searchParams }: { readonly searchParams: Promise<SearchParams> }) {
  const caller = await api();
  const { filter } = parseFilter(await searchParams, Date.now());
  const both = Promise.all([caller.audit.facets(), caller.audit.search({ ...filter, limit: firstRows })]);
  return (
    <Page wide>
      <PageHeader title="Audit" description="Every exchange, session and change, as it was recorded and proved." />
      {
        await shown(both, ([facets, first]) => (
          <>
            <FilterBar facets={facets} withTime />
            <AuditList key={JSON.stringify(filter)} filter={filter} first={first} />
          </>
        ))
      }
    </Page>
  );
}
