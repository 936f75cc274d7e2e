import type { Metadata } from "next";
import { Workbench } from "../../../features/policies/screens/workbench.tsx";
import { shown } from "../../../features/shell/screens/shown.tsx";
import { api } from "../../../server/page.ts";
import { Page } from "../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Policies" };

interface Given {
  readonly searchParams: Promise<{ readonly shadow?: string | string[]; readonly draft?: string | string[] }>;
}

/** /policies: the editor of the version in force; with ?shadow=<run> or ?draft=<number>, of that run's candidate or of that draft. */
export default async function PoliciesPage({ searchParams }: Given) {
  const [{ shadow, draft: asked }, caller] = await Promise.all([searchParams, api()]);
  const run = typeof shadow === "string" ? caller.shadow.get({ id: shadow }) : undefined;
  const draft = typeof asked === "string" ? caller.policies.drafts.get({ number: Number(asked) }) : undefined;
  const all = Promise.all([caller.policies.current(), caller.policies.vocabulary(), caller.me(), run, draft]);
  return (
    <Page wide>
      {
        await shown(all, ([current, vocabulary, me, tried, kept]) => (
          <Workbench
            first={current}
            vocabulary={vocabulary}
            mayWrite={me.permissions.includes("policies:write")}
            candidate={kept ?? (tried && { sets: tried.sets, tests: current.tests })}
          />
        ))
      }
    </Page>
  );
}
