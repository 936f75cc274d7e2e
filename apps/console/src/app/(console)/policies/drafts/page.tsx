import type { Metadata } from "next";
import { DraftList } from "../../../../features/policies/screens/draft-list.tsx";
import { shown } from "../../../../features/shell/screens/shown.tsx";
import { api } from "../../../../server/page.ts";
import { Page, PageHeader } from "../../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Policy drafts" };

/** /policies/drafts */
export default async function DraftsPage() {
  const caller = await api();
  return (
    <Page>
      <PageHeader
        back={{ href: "/policies", label: "Policies" }}
        title="Drafts"
        description="Changes that are not in force: kept in the editor, or imported from files."
      />
      {await shown(caller.policies.drafts.list(), (first) => <DraftList first={first} />)}
    </Page>
  );
}
