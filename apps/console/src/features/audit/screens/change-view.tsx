import { DiffView } from "../../../ui/diff-view.tsx";
import { Panel } from "../../../ui/panel.tsx";
import type { RecordDetail } from "../schemas.ts";

function text(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** A change made in the console, the API or the CLI: what was done to what, before and after. */
export function ChangeView({ change }: { readonly change: NonNullable<RecordDetail["change"]> }) {
  return (
    <Panel title={change.action} description={change.target}>
      <DiffView before={text(change.before)} after={text(change.after)} label="Before and after" />
    </Panel>
  );
}
