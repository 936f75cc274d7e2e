"use client";
import { useQuery } from "@tanstack/react-query";
import { Database } from "lucide-react";
import Link from "next/link";
import { type Outputs, useApi } from "../../../client/api.tsx";
import { Badge, Status } from "../../../ui/badge.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { Columns, Table, Td, Tr } from "../../../ui/table.tsx";

const refreshMs = 15_000;

/** All connected resources, by site: whether each is reachable, what is sensitive in it, what was refused. */
export function ResourceList({ first }: { readonly first: Outputs["resources"]["list"] }) {
  const api = useApi();
  const { data } = useQuery(
    api.resources.list.queryOptions(undefined, { initialData: first, refetchInterval: refreshMs }),
  );
  if (data.items.length === 0) {
    return (
      <Panel flush>
        <EmptyState icon={<Database />} title="No resource yet">
          A resource is something people and agents act on through an enforcer: a database first.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <Panel flush>
      <Table label="Resources">
        <Columns
          names={[
            "Name",
            "Site",
            "Environment",
            "Enforced",
            "Address",
            "Data classes",
            { right: "Relations" },
            { right: "24 h" },
            { right: "Refused" },
          ]}
        />
        <tbody>
          {data.items.map((resource) => (
            <Tr key={resource.id}>
              <Td>
                <Link
                  href={`/resources/${resource.id}`}
                  className="inline-flex items-center gap-2 font-medium text-ink hover:text-accent hover:underline"
                >
                  <Database className="size-4 text-ink-faint" aria-hidden />
                  {resource.name}
                </Link>
              </Td>
              <Td className="text-ink-muted">{resource.site.name}</Td>
              <Td>
                <Badge tone={resource.environment === "production" ? "warn" : "neutral"}>{resource.environment}</Badge>
              </Td>
              <Td>
                <Reach enforcers={resource.enforcers} />
              </Td>
              <Td className="font-mono text-xs text-ink-muted">{resource.address ?? "not listening"}</Td>
              <Td>
                <span className="flex gap-1">
                  {resource.classes.map((each) => (
                    <Badge key={each.name} tone="mask">
                      {each.name} {each.columns}
                    </Badge>
                  ))}
                </span>
              </Td>
              <Td className="text-right tabular-nums">{resource.relations}</Td>
              <Td className="text-right tabular-nums">{resource.exchanges24h.toLocaleString("en")}</Td>
              <Td className="text-right tabular-nums">{resource.refused24h.toLocaleString("en")}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  );
}

function Reach({ enforcers }: { readonly enforcers: { readonly online: number; readonly total: number } }) {
  if (enforcers.online === 0) return <Status tone="bad">No enforcer online</Status>;
  return (
    <Status tone="good">
      {enforcers.online} of {enforcers.total} online
    </Status>
  );
}
