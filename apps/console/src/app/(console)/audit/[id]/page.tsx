import type { Metadata } from "next";
import { RecordDetailView } from "../../../../features/audit/screens/record-detail.tsx";
import { shown } from "../../../../features/shell/screens/shown.tsx";
import { api } from "../../../../server/page.ts";
import { Page } from "../../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Record" };

/** /audit/<id> */
export default async function RecordPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const [{ id }, caller] = await Promise.all([params, api()]);
  return <Page>{await shown(caller.audit.record({ id }), (record) => <RecordDetailView record={record} />)}</Page>;
}
