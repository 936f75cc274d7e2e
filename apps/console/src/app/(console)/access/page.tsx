import type { Metadata } from "next";
import { ConnectPanel } from "../../../features/access/screens/connect-panel.tsx";
import { TokenList } from "../../../features/access/screens/token-list.tsx";
import { shown } from "../../../features/shell/screens/shown.tsx";
import { api } from "../../../server/page.ts";
import { Page, PageHeader } from "../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Access" };

/** /access: one's own way in. */
export default async function AccessPage() {
  const caller = await api();
  const all = Promise.all([caller.me(), caller.resources.list(), caller.identities.list(), caller.access.tokens()]);
  return (
    <Page>
      <PageHeader
        title="Access"
        description="Connect with your own name and a short-lived token. What you may do is decided for each statement."
      />
      {
        await shown(all, ([me, resources, identities, tokens]) => (
          <div className="flex flex-col gap-4">
            <ConnectPanel
              me={me.member.handle}
              resources={resources.items}
              agents={identities.agents.filter((agent) => agent.onBehalfOf === me.member.handle)}
            />
            <TokenList first={tokens} />
          </div>
        ))
      }
    </Page>
  );
}
