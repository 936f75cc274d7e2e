import type { Metadata } from "next";
import { RequestList } from "../../../../features/policies/screens/request-list.tsx";
import { shown } from "../../../../features/shell/screens/shown.tsx";
import { api } from "../../../../server/page.ts";
import { Page, PageHeader } from "../../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Publish requests" };

/** /policies/requests: changes of policy that need a second person. */
export default async function PublishRequestsPage() {
  const caller = await api();
  return (
    <Page>
      <PageHeader
        title="Publish requests"
        description="Changes of policy with a large effect on recorded traffic. Nobody approves what they asked for themselves."
      />
      {await shown(caller.policies.requests.list(), (first) => <RequestList first={first} />)}
    </Page>
  );
}
