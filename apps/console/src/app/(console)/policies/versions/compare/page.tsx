import type { Metadata } from "next";
import { VersionCompare } from "../../../../../features/policies/screens/version-compare.tsx";
import { shown } from "../../../../../features/shell/screens/shown.tsx";
import { api } from "../../../../../server/page.ts";
import { Page } from "../../../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Compare versions" };

type Text = string | string[] | undefined;

interface Given {
  readonly searchParams: Promise<{ readonly from?: Text; readonly to?: Text; readonly view?: Text }>;
}

/** /policies/versions/compare?from=<number>&to=<number>&view=unified|side-by-side; the newest two when not said. */
export default async function ComparePage({ searchParams }: Given) {
  const [asked, caller] = await Promise.all([searchParams, api()]);
  const view = asked.view === "side-by-side" ? "side-by-side" : "unified";
  const load = async () => {
    const { items } = await caller.policies.versions({ limit: 200 });
    const newest = items[0]?.version ?? 1;
    const to = numberOf(asked.to) ?? newest;
    const from = numberOf(asked.from) ?? Math.max(1, to - 1);
    return { items, diff: await caller.policies.diff({ from, to }) };
  };
  return (
    <Page wide>
      {await shown(load(), ({ items, diff }) => <VersionCompare diff={diff} view={view} versions={items} />)}
    </Page>
  );
}

function numberOf(text: Text): number | undefined {
  const number = Number(text);
  return text !== undefined && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
