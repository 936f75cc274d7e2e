import type { Metadata } from "next";
import { parseApprovalView } from "../../../features/approvals/screens/approval-view.ts";
import { Inbox } from "../../../features/approvals/screens/inbox.tsx";
import { WaitingRequests } from "../../../features/policies/screens/waiting-requests.tsx";
import { shown } from "../../../features/shell/screens/shown.tsx";
import { api } from "../../../server/page.ts";
import { Page, PageHeader } from "../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Approvals" };

/** /approvals?view=waiting|mine|decided */
export default async function ApprovalsPage({
  searchParams,
}: {
  readonly searchParams: Promise<{ readonly view?: string | string[] }>;
}) {
  const caller = await api();
  const view = parseApprovalView((await searchParams).view);
  return (
    <Page>
      <PageHeader
        title="Approvals"
        description="Statements that are held until people answer. Nobody decides for themselves or for their own agents."
      />
      {await shown(caller.policies.requests.list(), (first) => <WaitingRequests first={first} />)}
      {
        await shown(caller.approvals.list({ view, limit: 50 }), (first) => (
          <Inbox key={view} view={view} first={first} />
        ))
      }
    </Page>
  );
}
