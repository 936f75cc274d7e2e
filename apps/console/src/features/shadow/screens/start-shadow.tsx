"use client";
import { useMutation } from "@tanstack/react-query";
import { Ghost } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { failureText, type Outputs, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Field, Input, Select } from "../../../ui/form.tsx";
import { Callout } from "../../../ui/states.tsx";

type Sets = Outputs["shadow"]["get"]["sets"];

const durations = [
  { minutes: 5, label: "5 minutes" },
  { minutes: 30, label: "30 minutes" },
  { minutes: 120, label: "2 hours" },
  { minutes: 480, label: "8 hours" },
  { minutes: 1_440, label: "a day" },
] as const;

/** Starts a shadow run of a candidate and goes to it. `sets` are the candidate's texts, which compile. */
export function StartShadow({ sets, note = "" }: { readonly sets: Sets; readonly note?: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<Ghost aria-hidden />} onClick={() => setOpen(true)}>
        Run in shadow…
      </Button>
      {open ? <StartDialog sets={sets} note={note} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function StartDialog({
  sets,
  note: given,
  onClose,
}: {
  readonly sets: Sets;
  readonly note: string;
  readonly onClose: () => void;
}) {
  const api = useApi();
  const router = useRouter();
  const [minutes, setMinutes] = useState<number>(30);
  const [note, setNote] = useState(given);
  const start = useMutation(
    api.shadow.start.mutationOptions({ onSuccess: ({ id }) => router.push(`/policies/shadow/${id}`) }),
  );
  const busy = start.isPending || start.isSuccess;
  return (
    <Dialog
      open
      onOpenChange={(next) => {
        if (!next && !busy) onClose();
      }}
      title="Run this candidate in shadow"
      description="Every enforcer decides live traffic with it as well, after the answer was given. Nothing of it is enforced: you see what would change, as it happens."
      footer={
        <>
          <Button onClick={onClose} disabled={busy}>
            Cancel
          </Button>
          <Button tone="primary" busy={busy} onClick={() => start.mutate({ sets, note, minutes })}>
            Start
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label="For how long" hint="It ends by itself, and can be stopped at any time.">
          {(field) => (
            <Select {...field} value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
              {durations.map((one) => (
                <option key={one.minutes} value={one.minutes}>
                  {one.label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="What it tries" hint="Stands in the list of runs and in the audit log.">
          {(field) => (
            <Input {...field} value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
          )}
        </Field>
        {start.error === null ? null : (
          <Callout tone="bad" title="It was not started" live>
            {failureText(start.error)}
          </Callout>
        )}
      </div>
    </Dialog>
  );
}
