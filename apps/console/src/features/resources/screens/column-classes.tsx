"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { EyeOff, Plus } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { failureText, useApi } from "../../../client/api.tsx";
import { Badge } from "../../../ui/badge.tsx";
import { useToast } from "../../../ui/toast.tsx";

/** The data classes of one column; whoever may sets them here, and the next bundle masks accordingly. */
export function ColumnClasses({
  resourceId,
  schema,
  table,
  column,
  classes,
  all,
  mayWrite,
}: {
  readonly resourceId: string;
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly classes: readonly string[];
  readonly all: readonly string[];
  readonly mayWrite: boolean;
}) {
  const api = useApi();
  const toast = useToast();
  const queries = useQueryClient();
  const set = useMutation(
    api.resources.setClass.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.resources.pathKey() }),
      onError: (cause) => toast({ tone: "bad", title: `${column} was not changed`, detail: failureText(cause) }),
    }),
  );
  // shown at once; the server's answer replaces it
  const shown = set.isPending ? set.variables.classes : classes;
  const badges = shown.map((name) => (
    <Badge key={name} tone="mask" icon={<EyeOff aria-hidden />}>
      {name}
    </Badge>
  ));
  if (!mayWrite) return <span className="flex flex-wrap justify-end gap-1">{badges}</span>;
  const toggle = (name: string): void => {
    const next = shown.includes(name) ? shown.filter((each) => each !== name) : [...shown, name];
    set.mutate({ resourceId, schema, table, column, classes: next });
  };
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        aria-label={`Data classes of ${table}.${column}`}
        className="flex min-h-6 flex-wrap items-center justify-end gap-1 rounded-sm px-1 hover:bg-hover"
      >
        {badges.length > 0 ? badges : <Plus className="size-3.5 text-ink-faint" aria-hidden />}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="pop-in z-50 min-w-44 rounded-lg border border-line bg-raised p-1 shadow-pop"
        >
          <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-xs text-ink-muted">Masked as</DropdownMenu.Label>
          {all.map((name) => (
            <DropdownMenu.CheckboxItem
              key={name}
              checked={shown.includes(name)}
              onCheckedChange={() => toggle(name)}
              className="flex h-8 items-center gap-2 rounded-sm px-2 text-sm text-ink outline-none data-[highlighted]:bg-hover"
            >
              <span className="flex-1">{name}</span>
              <DropdownMenu.ItemIndicator>
                <EyeOff className="size-3.5 text-mask" aria-hidden />
              </DropdownMenu.ItemIndicator>
            </DropdownMenu.CheckboxItem>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
