import type { Metadata } from "next";
import { ResourceList } from "../../../features/resources/screens/resource-list.tsx";
import { shown } from "../../../features/shell/screens/shown.tsx";
import { api } from "../../../server/page.ts";
import { Page, PageHeader } from "../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Resources" };

/** /resources */
export default async function ResourcesPage() {
  const caller = await api();
  return (
    <Page wide>
      <PageHeader
        title="Resources"
        description="What people and agents act on, and what is enforced on the way there."
      />
      {await shown(caller.resources.list(), (first) => <ResourceList first={first} />)}
    </Page>
  );
}
