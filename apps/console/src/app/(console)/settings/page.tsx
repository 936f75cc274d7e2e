import type { Metadata } from "next";
import { PublishRule } from "../../../features/policies/screens/publish-rule.tsx";
import { ApiTokens } from "../../../features/settings/screens/api-tokens.tsx";
import { SettingsScreen } from "../../../features/settings/screens/settings.tsx";
import { shown } from "../../../features/shell/screens/shown.tsx";
import { api } from "../../../server/page.ts";
import { Page, PageHeader } from "../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Settings" };

/** /settings: the org's for who may see them, one's own tokens for everybody. */
export default async function SettingsPage() {
  const caller = await api();
  const me = await caller.me();
  return (
    <Page>
      <PageHeader title="Settings" description="The organisation, how its people sign in, and your own API tokens." />
      <div className="flex flex-col gap-4">
        {me.permissions.includes("settings:read")
          ? await shown(caller.settings.get(), (settings) => (
              <SettingsScreen settings={settings} mayWrite={me.permissions.includes("settings:write")} />
            ))
          : null}
        {
          await shown(caller.policies.rule.get(), (first) => (
            <PublishRule first={first} mayWrite={me.permissions.includes("settings:write")} />
          ))
        }
        {await shown(caller.apiTokens.list(), (first) => <ApiTokens first={first} />)}
      </div>
    </Page>
  );
}
