import type { Metadata } from "next";
import { Workbench } from "../../../features/policies/screens/workbench.tsx";
import { shown } from "../../../features/shell/screens/shown.tsx";
import { api } from "../../../server/page.ts";
import { Page } from "../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Policies" };

interface Given {
  readonly searchParams: Promise<{ readonly shadow?: string | string[] }>;
}

/** /policies: the editor of the version in force; with ?shadow=<run>, of that run's candidate. */
export default async function PoliciesPage({ searchParams }: Given) {
  const [{ shadow }, caller] = await Promise.all([searchParams, api()]);
  const run = typeof shadow === "string" ? caller.shadow.get({ id: shadow }) : undefined;
  const all = Promise.all([caller.policies.current(), caller.policies.vocabulary(), caller.me(), run]);
  return (
    <Page wide>
      {
        await shown(all, ([current, vocabulary, me, tried]) => (
          <Workbench
            first={current}
            vocabulary={vocabulary}
            mayWrite={me.permissions.includes("policies:write")}
            candidate={tried?.sets}
          />
        ))
      }
    </Page>
  );
}
