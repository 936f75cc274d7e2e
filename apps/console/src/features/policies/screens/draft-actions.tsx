"use client";
import { useQueryClient } from "@tanstack/react-query";
import { PencilLine, Rocket, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { type Outputs, useApi, useApiClient } from "../../../client/api.tsx";
import { Button, ButtonLink } from "../../../ui/button.tsx";
import { Confirm } from "../../../ui/confirm.tsx";
import { useToast } from "../../../ui/toast.tsx";
import { PublishDialog } from "./publish-dialog.tsx";

/** What can be done with a draft as it stands: go on writing, put it aside, publish it. */
export function DraftActions({
  draft,
  current,
  sound,
  warnings,
}: {
  readonly draft: Outputs["policies"]["drafts"]["get"];
  /** the version in force */
  readonly current: Outputs["policies"]["current"];
  /** it has no errors */
  readonly sound: boolean;
  readonly warnings: number;
}) {
  const router = useRouter();
  const [publishing, setPublishing] = useState(false);
  const open = draft.state === "open";
  return (
    <>
      <ButtonLink href={`/policies?draft=${draft.number}`} icon={<PencilLine aria-hidden />}>
        Open in the editor
      </ButtonLink>
      {open ? <Discard number={draft.number} /> : null}
      {open ? (
        <Button
          tone="primary"
          icon={<Rocket aria-hidden />}
          disabled={!sound || draft.overtaken}
          onClick={() => setPublishing(true)}
        >
          Publish…
        </Button>
      ) : null}
      <PublishDialog
        open={publishing}
        onOpenChange={setPublishing}
        base={current}
        content={draft}
        source={{ kind: "draft", number: draft.number }}
        note={draft.note}
        warnings={warnings}
        onPublished={async (version) => {
          router.push(`/policies/versions/${version}`);
          router.refresh();
        }}
      />
    </>
  );
}

function Discard({ number }: { readonly number: number }) {
  const api = useApi();
  const client = useApiClient();
  const queries = useQueryClient();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button icon={<Trash2 aria-hidden />} onClick={() => setAsking(true)}>
        Discard…
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Discard draft ${number}?`}
        confirmLabel="Discard it"
        onConfirm={async () => {
          await client.policies.drafts.discard.mutate({ number });
          await queries.invalidateQueries({ queryKey: api.policies.drafts.pathKey() });
          toast({ tone: "good", title: `Draft ${number} discarded` });
        }}
      >
        <p>
          It can never be published then. It stays here to be read and to be opened in the editor, where it can be kept
          as a new draft.
        </p>
      </Confirm>
    </>
  );
}
