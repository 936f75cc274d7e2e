"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { failureText, useApi } from "../../../client/api.tsx";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Field, Input, Select } from "../../../ui/form.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { Callout } from "../../../ui/states.tsx";
import { maskStrategySchema, type ResourceDetail } from "../schemas.ts";

type Strategy = ResourceDetail["dataClasses"][number]["strategy"];

const strategyWords: Record<Strategy, string> = {
  partial: "partly hidden",
  redact: "hidden whole",
  hmac: "joinable token",
  null: "empty",
};

/** The kinds of sensitive data and how each is hidden. */
export function DataClassPanel({
  classes,
  mayWrite,
}: {
  readonly classes: ResourceDetail["dataClasses"];
  readonly mayWrite: boolean;
}) {
  const [open, setOpen] = useState(false);
  return (
    <Panel
      title="Data classes"
      actions={
        mayWrite ? (
          <Button size="sm" icon={<Plus aria-hidden />} onClick={() => setOpen(true)}>
            Add
          </Button>
        ) : null
      }
    >
      <ul className="flex flex-col gap-2">
        {classes.map((each) => (
          <li key={each.name} className="flex items-center gap-2" title={each.description}>
            <Badge tone="mask" mono>
              {each.name}
            </Badge>
            <span className="flex-1 text-ink-muted">{strategyWords[each.strategy]}</span>
            <span className="text-xs text-ink-muted tabular-nums">
              {each.columns} {each.columns === 1 ? "column" : "columns"}
            </span>
          </li>
        ))}
        {classes.length === 0 ? <li className="text-ink-muted">None yet.</li> : null}
      </ul>
      <AddClass open={open} onOpenChange={setOpen} />
    </Panel>
  );
}

function AddClass({ open, onOpenChange }: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [strategy, setStrategy] = useState<Strategy>("partial");
  const save = useMutation(
    api.resources.saveDataClass.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: api.resources.pathKey() });
        setName("");
        onOpenChange(false);
      },
    }),
  );
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Add a data class"
      description="Columns that carry it are masked from the next bundle on."
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            tone="primary"
            busy={save.isPending}
            disabled={name === ""}
            onClick={() => save.mutate({ name, strategy, description: "" })}
          >
            Add class
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label="Name" hint="Lower case, for example iban.">
          {(field) => <Input {...field} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="How it is hidden">
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
        {save.error === null ? null : (
          <Callout tone="bad" title="The class was not added" live>
            {failureText(save.error)}
          </Callout>
        )}
      </div>
    </Dialog>
  );
}
