import type { Metadata } from "next";
import { VersionDetail } from "../../../../../features/policies/screens/version-detail.tsx";
import { shown } from "../../../../../features/shell/screens/shown.tsx";
import { api } from "../../../../../server/page.ts";
import { Page } from "../../../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Policy version" };

/** /policies/versions/<number> */
export default async function VersionPage({ params }: { readonly params: Promise<{ readonly version: string }> }) {
  const [{ version: text }, caller] = await Promise.all([params, api()]);
  const version = Number(text);
  const all = Promise.all([
    caller.policies.version({ version }),
    caller.policies.diff({ from: version - 1, to: version }),
    caller.policies.current(),
    caller.me(),
  ]);
  return (
    <Page>
      {
        await shown(all, ([found, diff, current, me]) => (
          <VersionDetail
            version={found}
            current={current}
            diff={diff}
            mayWrite={me.permissions.includes("policies:write")}
          />
        ))
      }
    </Page>
  );
}
