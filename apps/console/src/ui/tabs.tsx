"use client";
import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";

/** One tab: `note` stands beside the label (a count, a mark). */
export interface Tab<Id extends string> {
  readonly id: Id;
  readonly label: string;
  readonly note?: ReactNode;
}

/** Tabs that switch what is shown below; arrow keys move between them. Put the panels in `TabPanel`. */
export function Tabs<Id extends string>({
  label,
  tabs,
  value,
  onChange,
  after,
  children,
}: {
  readonly label: string;
  readonly tabs: readonly Tab<Id>[];
  readonly value: Id;
  readonly onChange: (id: Id) => void;
  readonly after?: ReactNode;
  readonly children: ReactNode;
}) {
  const pick = (text: string): void => {
    const found = tabs.find((tab) => tab.id === text);
    if (found !== undefined) onChange(found.id);
  };
  return (
    <Radix.Root value={value} onValueChange={pick}>
      <div className="flex items-end gap-2 border-b border-line">
        <Radix.List aria-label={label} className="-mb-px flex min-w-0 flex-1 overflow-x-auto sm:gap-1">
          {tabs.map((tab) => (
            <Radix.Trigger
              key={tab.id}
              value={tab.id}
              data-inset-focus=""
              className="inline-flex h-9 items-center gap-1.5 border-b-2 border-transparent px-2 text-sm font-medium whitespace-nowrap text-ink-muted hover:text-ink sm:px-2.5 data-[state=active]:border-accent data-[state=active]:text-ink"
            >
              {tab.label}
              {tab.note}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {after}
      </div>
      {children}
    </Radix.Root>
  );
}

/** What one tab shows. */
export function TabPanel({ id, children }: { readonly id: string; readonly children: ReactNode }) {
  return (
    <Radix.Content value={id} className="pt-4 outline-none" tabIndex={-1}>
      {children}
    </Radix.Content>
  );
}
