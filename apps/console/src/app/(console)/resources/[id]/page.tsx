import type { Metadata } from "next";
import { ResourceDetailScreen } from "../../../../features/resources/screens/resource-detail.tsx";
import { shown } from "../../../../features/shell/screens/shown.tsx";
import { api } from "../../../../server/page.ts";
import { Page } from "../../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Resource" };

/** /resources/<id> */
export default async function ResourcePage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const [{ id }, caller] = await Promise.all([params, api()]);
  const both = Promise.all([caller.resources.get({ id }), caller.me()]);
  return (
    <Page>
      {
        await shown(both, ([first, me]) => (
          <ResourceDetailScreen first={first} mayWrite={me.permissions.includes("resources:write")} />
        ))
      }
    </Page>
  );
}
