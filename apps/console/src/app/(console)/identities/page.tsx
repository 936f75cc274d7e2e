import type { Metadata } from "next";
import { Identities } from "../../../features/identities/screens/identities.tsx";
import { parseIdentityView } from "../../../features/identities/screens/identity-view.ts";
import { shown } from "../../../features/shell/screens/shown.tsx";
import { api } from "../../../server/page.ts";
import { Page, PageHeader } from "../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Identities" };

/** /identities?view=people|agents|groups */
export default async function IdentitiesPage({
  searchParams,
}: {
  readonly searchParams: Promise<{ readonly view?: string | string[] }>;
}) {
  const caller = await api();
  const view = parseIdentityView((await searchParams).view);
  const both = Promise.all([caller.identities.list(), caller.me()]);
  return (
    <Page wide>
      <PageHeader title="Identities" description="Who can act: people, and agents with the person they act for." />
      {
        await shown(both, ([first, me]) => (
          <Identities first={first} view={view} mayWrite={me.permissions.includes("identities:write")} />
        ))
      }
    </Page>
  );
}
