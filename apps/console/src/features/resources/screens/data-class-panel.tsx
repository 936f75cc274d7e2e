"use client";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { Panel } from "../../../ui/panel.tsx";
import type { ResourceDetail } from "../schemas.ts";
import { EditDataClass } from "./edit-data-class.tsx";
import { strategyWords } from "./strategy-words.ts";

type DataClass = ResourceDetail["dataClasses"][number];

/** The kinds of sensitive data and how each is hidden. */
export function DataClassPanel({
  classes,
  mayWrite,
}: {
  readonly classes: ResourceDetail["dataClasses"];
  readonly mayWrite: boolean;
}) {
  const [edited, setEdited] = useState<DataClass | "new">();
  return (
    <Panel
      title="Data classes"
      actions={
        mayWrite ? (
          <Button size="sm" icon={<Plus aria-hidden />} onClick={() => setEdited("new")}>
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
            <span className="min-w-0 flex-1 truncate text-ink-muted">{strategyWords[each.strategy]}</span>
            <span className="text-xs text-ink-muted tabular-nums">
              {each.columns} {each.columns === 1 ? "column" : "columns"}
            </span>
            {mayWrite ? (
              <Button size="sm" aria-label={`Change how ${each.name} is hidden`} onClick={() => setEdited(each)}>
                Change
              </Button>
            ) : null}
          </li>
        ))}
        {classes.length === 0 ? <li className="text-ink-muted">None yet.</li> : null}
      </ul>
      {edited === undefined ? null : (
        <EditDataClass existing={edited === "new" ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
    </Panel>
  );
}
