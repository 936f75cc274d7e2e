import type { Metadata } from "next";
import { RunList } from "../../../../features/shadow/screens/run-list.tsx";
import { shown } from "../../../../features/shell/screens/shown.tsx";
import { api } from "../../../../server/page.ts";
import { Page, PageHeader } from "../../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Shadow runs" };

/** /policies/shadow */
export default async function ShadowRunsPage() {
  const caller = await api();
  return (
    <Page>
      <PageHeader
        back={{ href: "/policies", label: "Policies" }}
        title="Shadow runs"
        description="Candidates that decided live traffic beside the policies in force. Nothing of them was enforced."
      />
      {await shown(caller.shadow.list(), (first) => <RunList first={first} />)}
    </Page>
  );
}
