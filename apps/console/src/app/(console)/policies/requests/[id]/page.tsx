import type { Metadata } from "next";
import { RequestDetail } from "../../../../../features/policies/screens/request-detail.tsx";
import { shown } from "../../../../../features/shell/screens/shown.tsx";
import { api } from "../../../../../server/page.ts";
import { Page } from "../../../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Publish request" };

/** /policies/requests/<id>: one change that waits for a second person. GET changes nothing. */
export default async function PublishRequestPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const [{ id }, caller] = await Promise.all([params, api()]);
  const all = Promise.all([caller.policies.requests.get({ id }), caller.me()]);
  return (
    <Page wide>
      {
        await shown(all, ([first, me]) => (
          <RequestDetail first={first} mayWrite={me.permissions.includes("policies:write")} />
        ))
      }
    </Page>
  );
}
