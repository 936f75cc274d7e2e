"use client";
import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleMinus } from "lucide-react";
import { useApi } from "../../../client/api.tsx";
import { Badge } from "../../../ui/badge.tsx";
import { ButtonLink } from "../../../ui/button.tsx";
import { CopyLine } from "../../../ui/copy.tsx";
import { PageHeader, Panel } from "../../../ui/panel.tsx";
import type { ResourceDetail } from "../schemas.ts";
import { CatalogueTree } from "./catalogue-tree.tsx";
import { DataClassPanel } from "./data-class-panel.tsx";
import { UpstreamPanel } from "./upstream-panel.tsx";

/** One resource: how to connect, what it holds, which columns are sensitive, and what is and is not enforced. */
export function ResourceDetailScreen({
  first,
  mayWrite,
}: {
  readonly first: ResourceDetail;
  readonly mayWrite: boolean;
}) {
  const api = useApi();
  const { data: resource } = useQuery(api.resources.get.queryOptions({ id: first.id }, { initialData: first }));
  return (
    <>
      <PageHeader
        back={{ href: "/resources", label: "Resources" }}
        title={
          <span className="inline-flex items-center gap-2.5">
            {resource.name}
            <Badge tone={resource.environment === "production" ? "warn" : "neutral"}>{resource.environment}</Badge>
          </span>
        }
        description={`${resource.kind} ${resource.database}, site ${resource.site.name}, ${resource.enforcers.online} of ${resource.enforcers.total} enforcers online`}
        actions={
          <>
            <ButtonLink href={`/audit?resource=${encodeURIComponent(resource.name)}`}>What was done</ButtonLink>
            <ButtonLink href="/access" tone="primary">
              Connect
            </ButtonLink>
          </>
        }
      />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <CatalogueTree resource={resource} mayWrite={mayWrite} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <Guarantees items={resource.guarantees} />
          <DataClassPanel classes={resource.dataClasses} mayWrite={mayWrite} />
          <UpstreamPanel resource={resource} mayWrite={mayWrite} />
          <Panel title="Connect" description="With your own token as the password">
            <div className="flex flex-col gap-3">
              {resource.connect.snippets.map((snippet) => (
                <div key={snippet.label}>
                  <p className="pb-1 text-xs font-medium text-ink-muted">{snippet.label}</p>
                  <CopyLine label={snippet.label} text={snippet.text} />
                </div>
              ))}
            </div>
          </Panel>
        </div>
      </div>
    </>
  );
}

function Guarantees({ items }: { readonly items: ResourceDetail["guarantees"] }) {
  const open = items.filter((item) => !item.kept).length;
  return (
    <Panel
      title="What is enforced"
      description={
        open === 0 ? "Every guarantee holds on this path" : `${open} of ${items.length} not kept on this path`
      }
    >
      <ul className="flex flex-col gap-2.5">
        {items.map((item) => {
          const Icon = item.kept ? CircleCheck : CircleMinus;
          return (
            <li key={item.name} className="flex gap-2.5">
              <Icon
                className={`mt-0.5 size-4 shrink-0 ${item.kept ? "text-allow" : "text-ask"}`}
                role="img"
                aria-label={item.kept ? "kept" : "not kept"}
              />
              <span className="min-w-0">
                <span className="block font-medium text-ink">{item.name}</span>
                <span className="block text-xs text-ink-muted">{item.detail}</span>
              </span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
