"use client";
import { ChevronRight, Columns3, Eye, FunctionSquare, ListTree, Search, Table2 } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { Badge } from "../../../ui/badge.tsx";
import { Input } from "../../../ui/form.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import type { ResourceDetail } from "../schemas.ts";
import { ColumnClasses } from "./column-classes.tsx";

type Schema = ResourceDetail["schemas"][number];
type Relation = Schema["relations"][number];

function matches(schema: Schema, relation: Relation, text: string): boolean {
  if (text === "") return true;
  const wanted = text.toLowerCase();
  return (
    `${schema.name}.${relation.name}`.toLowerCase().includes(wanted) ||
    relation.columns.some(
      (column) => column.name.toLowerCase().includes(wanted) || column.classes.some((each) => each.includes(wanted)),
    )
  );
}

/** What the resource really holds, as its enforcer saw it, with the data classes of each column. */
export function CatalogueTree({
  resource,
  mayWrite,
}: {
  readonly resource: ResourceDetail;
  readonly mayWrite: boolean;
}) {
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim());
  const schemas = resource.schemas
    .map((schema) => ({ schema, relations: schema.relations.filter((each) => matches(schema, each, wanted)) }))
    .filter(({ schema, relations }) => relations.length > 0 || (wanted === "" && schema.functions.length > 0));
  const single = resource.schemas.length === 1;
  return (
    <Panel
      flush
      title="Tables and columns"
      description="Columns with a data class are masked unless a policy permits unmask"
      actions={
        <span className="relative w-full sm:w-56">
          <Search
            className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-ink-faint"
            aria-hidden
          />
          <Input
            type="search"
            aria-label="Find a table, column or class"
            placeholder="Find…"
            className="pl-8"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </span>
      }
    >
      {schemas.length === 0 ? (
        <EmptyState icon={<ListTree />} title={resource.schemas.length === 0 ? "Not read yet" : "Nothing by that name"}>
          {resource.schemas.length === 0
            ? "The enforcer reads the names of tables and columns (never rows) when it first connects."
            : "No table, column or data class matches."}
        </EmptyState>
      ) : (
        schemas.map(({ schema, relations }) => (
          <section key={schema.name} aria-label={`Schema ${schema.name}`}>
            {single ? null : (
              <h3 className="border-b border-line bg-sunken px-4 py-1.5 font-mono text-xs font-medium text-ink-muted">
                {schema.name}
              </h3>
            )}
            <ul>
              {relations.map((relation) => (
                <RelationRow
                  key={relation.name}
                  resource={resource}
                  schema={schema}
                  relation={relation}
                  mayWrite={mayWrite}
                  open={wanted !== ""}
                />
              ))}
              {wanted === ""
                ? schema.functions.map((each) => (
                    <li
                      key={each.name}
                      className="flex items-center gap-2.5 border-b border-line px-4 py-2 last:border-b-0"
                    >
                      <span className="size-3.5" aria-hidden />
                      <FunctionSquare className="size-4 text-ink-faint" aria-hidden />
                      <code className="text-xs text-ink">{each.name}()</code>
                      <Badge>{each.volatility} function</Badge>
                    </li>
                  ))
                : null}
            </ul>
          </section>
        ))
      )}
    </Panel>
  );
}

function RelationRow({
  resource,
  schema,
  relation,
  mayWrite,
  open,
}: {
  readonly resource: ResourceDetail;
  readonly schema: Schema;
  readonly relation: Relation;
  readonly mayWrite: boolean;
  readonly open: boolean;
}) {
  const Icon = relation.kind === "view" || relation.kind === "materialized_view" ? Eye : Table2;
  const classes = [...new Set([...relation.classes, ...relation.columns.flatMap((column) => column.classes)])];
  return (
    <li className="border-b border-line last:border-b-0">
      <details open={open || (classes.length > 0 && relation.kind === "table")} className="group">
        <summary data-inset-focus="" className="flex list-none items-center gap-2.5 px-4 py-2 hover:bg-hover">
          <ChevronRight
            className="size-3.5 shrink-0 text-ink-faint transition-transform group-open:rotate-90"
            aria-hidden
          />
          <Icon className="size-4 shrink-0 text-ink-faint" aria-hidden />
          <code className="min-w-0 truncate text-xs font-medium text-ink">{relation.name}</code>
          {relation.kind === "table" ? null : <Badge>{relation.kind.replace("_", " ")}</Badge>}
          <span className="flex-1" />
          <span className="flex flex-wrap justify-end gap-1 group-open:hidden">
            {classes.map((name) => (
              <Badge key={name} tone="mask">
                {name}
              </Badge>
            ))}
          </span>
          <span className="text-xs whitespace-nowrap text-ink-muted tabular-nums">
            {relation.columns.length} {relation.columns.length === 1 ? "column" : "columns"}
          </span>
        </summary>
        <ul className="pb-2">
          {relation.columns.map((column) => (
            <li key={column.name} className="flex min-h-8 items-center gap-2.5 py-0.5 pr-4 pl-11 hover:bg-hover/60">
              <Columns3 className="size-3.5 shrink-0 text-ink-faint" aria-hidden />
              <code className="min-w-0 truncate text-xs text-ink">{column.name}</code>
              <span className="truncate text-xs text-ink-faint">{column.type}</span>
              <span className="flex-1" />
              <ColumnClasses
                resourceId={resource.id}
                schema={schema.name}
                table={relation.name}
                column={column.name}
                classes={column.classes}
                all={resource.dataClasses.map((each) => each.name)}
                mayWrite={mayWrite}
              />
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}
