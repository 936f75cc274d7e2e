"use client";
import { Pencil } from "lucide-react";
import { useState } from "react";
import { Button } from "../../../ui/button.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { Facts } from "../../../ui/table.tsx";
import { Time } from "../../../ui/time.tsx";
import { formatHost } from "../host-list.ts";
import type { ResourceDetail } from "../schemas.ts";
import { EditUpstream } from "./edit-upstream.tsx";
import { targetWords } from "./target-words.ts";

/** Where the database is and how its connections are used. */
export function UpstreamPanel({
  resource,
  mayWrite,
}: {
  readonly resource: ResourceDetail;
  readonly mayWrite: boolean;
}) {
  const [open, setOpen] = useState(false);
  const { catalogueAt, upstream } = resource;
  const { pool } = upstream;
  return (
    <Panel
      title="Upstream"
      description="Credentials stay in the site"
      actions={
        mayWrite ? (
          <Button size="sm" icon={<Pencil aria-hidden />} onClick={() => setOpen(true)}>
            Change
          </Button>
        ) : null
      }
    >
      <Facts
        items={[
          {
            name: upstream.hosts.length === 1 ? "Host" : "Hosts",
            value: (
              <ul aria-label="Hosts">
                {upstream.hosts.map((host) => (
                  <li key={formatHost(host)}>
                    <code className="text-xs break-all">{formatHost(host)}</code>
                  </li>
                ))}
              </ul>
            ),
          },
          { name: "Sessions use", value: targetWords[upstream.targetSession] },
          ...(upstream.hosts.length > 1
            ? [{ name: "Order", value: upstream.loadBalance ? "at random" : "as listed" }]
            : []),
          {
            name: "Connections",
            value: pool.enabled ? `reused for one identity, ${pool.usesMax} times at most` : "one per session",
          },
          { name: "Database", value: upstream.database },
          { name: "TLS", value: upstream.tls },
          {
            name: "Catalogue",
            value: catalogueAt === null ? "not read yet" : <Time at={catalogueAt} form="relative" />,
          },
        ]}
      />
      {open ? <EditUpstream id={resource.id} upstream={upstream} onClose={() => setOpen(false)} /> : null}
    </Panel>
  );
}
