import type { Metadata } from "next";
import { ApprovalDetailScreen } from "../../../../features/approvals/screens/approval-detail.tsx";
import { shown } from "../../../../features/shell/screens/shown.tsx";
import { api } from "../../../../server/page.ts";
import { Page } from "../../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Approval" };

/** /approvals/<id>: where the link in the client's notice and in messages leads. GET changes nothing. */
export default async function ApprovalPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const [{ id }, caller] = await Promise.all([params, api()]);
  return <Page>{await shown(caller.approvals.get({ id }), (first) => <ApprovalDetailScreen first={first} />)}</Page>;
}
