import type { Metadata } from "next";
import { Workbench } from "../../../features/policies/screens/workbench.tsx";
import { shown } from "../../../features/shell/screens/shown.tsx";
import { api } from "../../../server/page.ts";
import { Page } from "../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Policies" };

/** /policies: the editor of the version in force. */
export default async function PoliciesPage() {
  const caller = await api();
  const all = Promise.all([caller.policies.current(), caller.policies.vocabulary(), caller.me()]);
  return (
    <Page wide>
      {
        await shown(all, ([current, vocabulary, me]) => (
          <Workbench first={current} vocabulary={vocabulary} mayWrite={me.permissions.includes("policies:write")} />
        ))
      }
    </Page>
  );
}
