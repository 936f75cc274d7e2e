import type { Metadata } from "next";
import { EnforcerList } from "../../../features/enforcers/screens/enforcer-list.tsx";
import { EnrolDialog } from "../../../features/enforcers/screens/enrol-dialog.tsx";
import { shown } from "../../../features/shell/screens/shown.tsx";
import { api } from "../../../server/page.ts";
import { Page, PageHeader } from "../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Enforcers" };

/** /enforcers */
export default async function EnforcersPage() {
  const caller = await api();
  const both = Promise.all([caller.enforcers.list(), caller.me()]);
  return (
    <Page wide>
      {
        await shown(both, ([first, me]) => (
          <>
            <PageHeader
              title="Enforcers"
              description="They run next to your resources, decide there, and apply the signed bundle of their site."
              actions={me.permissions.includes("enforcers:write") ? <EnrolDialog sites={first.sites} /> : undefined}
            />
            <EnforcerList first={first} />
          </>
        ))
      }
    </Page>
  );
}
