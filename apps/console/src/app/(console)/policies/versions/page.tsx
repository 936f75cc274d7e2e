import { GitCompareArrows } from "lucide-react";
import type { Metadata } from "next";
import { VersionList } from "../../../../features/policies/screens/version-list.tsx";
import { shown } from "../../../../features/shell/screens/shown.tsx";
import { api } from "../../../../server/page.ts";
import { ButtonLink } from "../../../../ui/button.tsx";
import { Page, PageHeader } from "../../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Policy versions" };

/** /policies/versions */
export default async function VersionsPage() {
  const caller = await api();
  return (
    <Page>
      <PageHeader
        back={{ href: "/policies", label: "Policies" }}
        title="Versions"
        actions={
          <ButtonLink href="/policies/versions/compare" icon={<GitCompareArrows aria-hidden />}>
            Compare two
          </ButtonLink>
        }
        description="Every state that was ever published. None is changed or lost; rolling back publishes a new one."
      />
      {await shown(caller.policies.versions({ limit: 50 }), (first) => <VersionList first={first} />)}
    </Page>
  );
}
