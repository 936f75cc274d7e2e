"use client";
import { classKindOf, maskExamples } from "@sluice/bundle/mask-examples";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { failureText, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Field, Input, Select } from "../../../ui/form.tsx";
import { Callout } from "../../../ui/states.tsx";
import { maskStrategySchema, type ResourceDetail } from "../schemas.ts";
import { strategyWords } from "./strategy-words.ts";

type DataClass = ResourceDetail["dataClasses"][number];
type Strategy = DataClass["strategy"];

const notes: Record<Strategy, string> = {
  partial: "Shows its form and a few characters. Values that have not the class's form are hidden whole.",
  format:
    "Digits become other digits: length, separators and a card's checksum stay, and equal numbers stay equal, so that tables still join. Slow: a few thousand different values a second.",
  hmac: "Equal values give equal tokens under the org's key, so that tables still join.",
  redact: "Nothing of the value can be told.",
  null: "As if there were no value.",
};

/** Makes a data class or changes how one is hidden, with an example of what clients will see. */
export function EditDataClass({
  existing,
  onClose,
}: {
  readonly existing: DataClass | undefined;
  readonly onClose: () => void;
}) {
  const api = useApi();
  const queries = useQueryClient();
  const [name, setName] = useState(existing?.name ?? "");
  const [strategy, setStrategy] = useState<Strategy>(existing?.strategy ?? "partial");
  const save = useMutation(
    api.resources.saveDataClass.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: api.resources.pathKey() });
        onClose();
      },
    }),
  );
  const description = existing?.description ?? "";
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={existing ? `Change how ${existing.name} is hidden` : "Add a data class"}
      description="Columns that carry it are masked so from the next bundle on."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            busy={save.isPending}
            disabled={name === ""}
            onClick={() => save.mutate({ name, strategy, description })}
          >
            {existing ? "Save" : "Add class"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {existing ? null : (
          <Field label="Name" hint="Lower case, for example iban.">
            {(field) => <Input {...field} value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
        )}
        <Field label="How it is hidden" hint={notes[strategy]}>
          {(field) => (
            <Select
              {...field}
              value={strategy}
              onChange={(event) => {
                const parsed = maskStrategySchema.safeParse(event.target.value);
                if (parsed.success) setStrategy(parsed.data);
              }}
            >
              {maskStrategySchema.options.map((option) => (
                <option key={option} value={option}>
                  {option}: {strategyWords[option]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <MaskPreview name={name} strategy={strategy} />
        {save.error === null ? null : (
          <Callout tone="bad" title="The class was not saved" live>
            {failureText(save.error)}
          </Callout>
        )}
      </div>
    </Dialog>
  );
}

/** What a text column of this class shows: an invented value, under a key that is no org's. */
function MaskPreview({ name, strategy }: { readonly name: string; readonly strategy: Strategy }) {
  const { shown, value } = maskExamples[classKindOf(name)];
  return (
    <dl
      className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 rounded-md bg-sunken px-3 py-2 text-sm"
      aria-live="polite"
    >
      <dt className="text-ink-muted">In the database</dt>
      <dd className="font-mono text-xs leading-5 break-all text-ink">{value}</dd>
      <dt className="text-ink-muted">Clients see</dt>
      <dd className="font-mono text-xs leading-5 break-all text-mask">{shown[strategy] ?? "NULL"}</dd>
    </dl>
  );
}
