import type { Metadata } from "next";
import { OverviewScreen } from "../../features/overview/screens/overview.tsx";
import { shown } from "../../features/shell/screens/shown.tsx";
import { api } from "../../server/page.ts";
import { Page } from "../../ui/panel.tsx";

export const metadata: Metadata = { title: "Overview" };

/** / */
export default async function OverviewPage() {
  const caller = await api();
  return <Page>{await shown(caller.overview.summary(), (first) => <OverviewScreen first={first} />)}</Page>;
}
