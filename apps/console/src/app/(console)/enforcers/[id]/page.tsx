import type { Metadata } from "next";
import { EnforcerDetail } from "../../../../features/enforcers/screens/enforcer-detail.tsx";
import { shown } from "../../../../features/shell/screens/shown.tsx";
import { api } from "../../../../server/page.ts";
import { Page } from "../../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Enforcer" };

/** /enforcers/<id> */
export default async function EnforcerPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const [{ id }, caller] = await Promise.all([params, api()]);
  const both = Promise.all([caller.enforcers.get({ id }), caller.me()]);
  return (
    <Page>
      {
        await shown(both, ([first, me]) => (
          <EnforcerDetail first={first} mayBan={me.permissions.includes("enforcers:write")} />
        ))
      }
    </Page>
  );
}
