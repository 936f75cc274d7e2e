import type { ReactNode } from "react";
import { Badge } from "../../../ui/badge.tsx";
import { Exact } from "../../../ui/exact.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { Facts } from "../../../ui/table.tsx";
import type { RecordDetail } from "../schemas.ts";

const flagWords: Readonly<Record<string, string>> = {
  unbounded: "writes every row",
  opaque: "effect not fully known",
  unparsed: "not understood",
  dynamic: "dynamic SQL",
  multiStatement: "several statements",
  inTransaction: "in a transaction",
};

function Names({ names }: { readonly names: readonly string[] }): ReactNode {
  return (
    <span className="flex flex-wrap gap-1">
      {names.map((name) => (
        <Badge key={name} mono>
          <Exact text={name} />
        </Badge>
      ))}
    </span>
  );
}

/** What Sluice understood of a statement: the input of every policy that decided. */
export function FactsView({
  facts,
  obligations = {},
}: {
  readonly facts: NonNullable<RecordDetail["facts"]>;
  readonly obligations?: RecordDetail["obligations"];
}) {
  const lists = [
    { name: "Reads", names: facts.reads },
    { name: "Writes", names: facts.writes },
    { name: "Functions", names: facts.functions },
    { name: "Data classes", names: facts.classes },
  ].filter((list) => list.names.length > 0);
  return (
    <Panel title="Facts" description="What was understood, and what policies saw">
      <Facts
        items={[
          { name: "Command", value: <code className="text-xs">{facts.command}</code> },
          ...lists.map((list) => ({ name: list.name, value: <Names names={list.names} /> })),
          ...(facts.flags.length === 0
            ? []
            : [
                {
                  name: "Flags",
                  value: (
                    <span className="flex flex-wrap gap-1">
                      {facts.flags.map((flag) => (
                        <Badge key={flag} tone="warn">
                          {flagWords[flag] ?? flag}
                        </Badge>
                      ))}
                    </span>
                  ),
                },
              ]),
          ...Object.entries(obligations)
            .filter(([, value]) => hasContent(value))
            .map(([name, value]) => ({
              name,
              value: <code className="text-xs">{typeof value === "string" ? value : JSON.stringify(value)}</code>,
            })),
        ]}
      />
    </Panel>
  );
}

function hasContent(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === "") return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
