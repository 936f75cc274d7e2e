"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { failureText, type Outputs, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { DiffView, diffCounts } from "../../../ui/diff-view.tsx";
import { Field, Input } from "../../../ui/form.tsx";
import { Callout } from "../../../ui/states.tsx";
import { useToast } from "../../../ui/toast.tsx";
import { policySetNameSchema } from "../schemas.ts";

type Current = Outputs["policies"]["current"];

/** Publishes a draft with its change in view: what will be enforced within seconds, everywhere. */
export function PublishDialog({
  open,
  onOpenChange,
  base,
  sets,
  onPublished,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly base: Current;
  readonly sets: Current["sets"];
  readonly onPublished: (version: number) => Promise<void>;
}) {
  const api = useApi();
  const toast = useToast();
  const [note, setNote] = useState("");
  const publish = useMutation(
    api.policies.publish.mutationOptions({
      onSuccess: async ({ version }) => {
        onOpenChange(false);
        setNote("");
        toast({ tone: "good", title: `Version ${version} published`, detail: "Enforcers apply it within seconds." });
        await onPublished(version);
      },
    }),
  );
  const changed = policySetNameSchema.options.filter((set) => sets[set] !== base.sets[set]);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      width="xl"
      title={`Publish version ${base.version + 1}`}
      description={`It replaces version ${base.version} on ${base.rollout.total} ${base.rollout.total === 1 ? "enforcer" : "enforcers"} within seconds. Open connections stay; their next statement is decided by it. You can roll back at any time.`}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)} disabled={publish.isPending}>
            Cancel
          </Button>
          <Button
            tone="primary"
            busy={publish.isPending}
            onClick={() => publish.mutate({ sets, note, baseVersion: base.version })}
          >
            Publish version {base.version + 1}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label="What changes, and why" hint="Stands in the list of versions and in the audit log.">
          {(field) => (
            <Input {...field} value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
          )}
        </Field>
        {publish.error === null ? null : (
          <Callout tone="bad" title="It was not published" live>
            {failureText(publish.error)}
          </Callout>
        )}
        {changed.map((set) => {
          const counts = diffCounts(base.sets[set], sets[set]);
          return (
            <section key={set} aria-label={`Change of ${set}`}>
              <h3 className="flex items-center gap-2 pb-1.5 text-sm font-semibold text-ink">
                {set}
                <span className="text-xs font-medium text-allow">{counts.added} added</span>
                <span className="text-xs font-medium text-deny">{counts.removed} removed</span>
              </h3>
              <DiffView before={base.sets[set]} after={sets[set]} label={`Lines that change in ${set}`} />
            </section>
          );
        })}
      </div>
    </Dialog>
  );
}
