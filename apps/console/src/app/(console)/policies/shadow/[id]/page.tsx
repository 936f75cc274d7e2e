import type { Metadata } from "next";
import { RunDetail } from "../../../../../features/shadow/screens/run-detail.tsx";
import { shown } from "../../../../../features/shell/screens/shown.tsx";
import { api } from "../../../../../server/page.ts";
import { Page } from "../../../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Shadow run" };

interface Given {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<{ readonly by?: string | string[] }>;
}

/** /policies/shadow/<id>?by=policy|principal|resource */
export default async function ShadowRunPage({ params, searchParams }: Given) {
  const [{ id }, { by: asked }, caller] = await Promise.all([params, searchParams, api()]);
  const by = (["principal", "resource"] as const).find((one) => one === asked) ?? "policy";
  return (
    <Page wide>
      {
        await shown(Promise.all([caller.shadow.get({ id }), caller.me()]), ([run, me]) => (
          <RunDetail first={run} mayStop={me.permissions.includes("policies:write")} by={by} />
        ))
      }
    </Page>
  );
}
