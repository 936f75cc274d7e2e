"use client";
import { useMutation } from "@tanstack/react-query";
import { FilePen } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { failureText, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Field, Input } from "../../../ui/form.tsx";
import { Callout } from "../../../ui/states.tsx";
import type { Content } from "./use-draft.ts";

/** Keeps what was written as a draft and goes to it: nothing is enforced by that. */
export function SaveDraft({ content, baseVersion }: { readonly content: Content; readonly baseVersion: number }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<FilePen aria-hidden />} onClick={() => setOpen(true)}>
        Save draft…
      </Button>
      {open ? <SaveDialog content={content} baseVersion={baseVersion} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function SaveDialog({
  content,
  baseVersion,
  onClose,
}: {
  readonly content: Content;
  readonly baseVersion: number;
  readonly onClose: () => void;
}) {
  const api = useApi();
  const router = useRouter();
  const [note, setNote] = useState("");
  const save = useMutation(
    api.policies.drafts.save.mutationOptions({ onSuccess: ({ number }) => router.push(`/policies/drafts/${number}`) }),
  );
  const busy = save.isPending || save.isSuccess;
  return (
    <Dialog
      open
      onOpenChange={(next) => {
        if (!next && !busy) onClose();
      }}
      title="Keep this as a draft"
      description="Policies and tests as they stand, for yourself or a colleague. Nothing is enforced until somebody publishes it."
      footer={
        <>
          <Button onClick={onClose} disabled={busy}>
            Cancel
          </Button>
          <Button
            tone="primary"
            busy={busy}
            onClick={() => save.mutate({ sets: content.sets, tests: { ...content.tests }, note, baseVersion })}
          >
            Save draft
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label="What changes, and why" hint="Stands in the list of drafts; publishing can say it anew.">
          {(field) => (
            <Input {...field} value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
          )}
        </Field>
        {save.error === null ? null : (
          <Callout tone="bad" title="It was not kept" live>
            {failureText(save.error)}
          </Callout>
        )}
      </div>
    </Dialog>
  );
}
