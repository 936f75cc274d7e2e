import type { Metadata } from "next";
import { DraftDetail } from "../../../../../features/policies/screens/draft-detail.tsx";
import { shown } from "../../../../../features/shell/screens/shown.tsx";
import { api } from "../../../../../server/page.ts";
import { Page } from "../../../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Policy draft" };

/** /policies/drafts/<number> */
export default async function DraftPage({ params }: { readonly params: Promise<{ readonly number: string }> }) {
  const [{ number: text }, caller] = await Promise.all([params, api()]);
  const load = async () => {
    const [draft, current, me] = await Promise.all([
      caller.policies.drafts.get({ number: Number(text) }),
      caller.policies.current(),
      caller.me(),
    ]);
    return { draft, current, me, checked: await caller.policies.check({ sets: draft.sets }) };
  };
  return (
    <Page wide>
      {
        await shown(load(), ({ draft, current, me, checked }) => (
          <DraftDetail
            first={draft}
            current={current}
            checked={checked}
            mayWrite={me.permissions.includes("policies:write")}
          />
        ))
      }
    </Page>
  );
}
