import type { Outputs } from "../../../client/api.tsx";
import { Badge } from "../../../ui/badge.tsx";

type Row = Outputs["policies"]["drafts"]["list"]["items"][number];

/** Where a draft stands, in a word. */
export function DraftState({ draft }: { readonly draft: Row }) {
  if (draft.state === "published") return <Badge tone="good">published as v{draft.version}</Badge>;
  if (draft.state === "discarded") return <Badge>discarded</Badge>;
  if (draft.state === "waiting") return <Badge tone="warn">waits for a second person</Badge>;
  return draft.overtaken ? <Badge tone="warn">overtaken</Badge> : <Badge tone="accent">open</Badge>;
}
