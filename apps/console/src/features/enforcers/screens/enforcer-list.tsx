"use client";
import { useQuery } from "@tanstack/react-query";
import { Cpu } from "lucide-react";
import Link from "next/link";
import { type Outputs, useApi } from "../../../client/api.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { Callout, EmptyState } from "../../../ui/states.tsx";
import { Columns, Table, Td, Tr } from "../../../ui/table.tsx";
import { Time } from "../../../ui/time.tsx";
import { BundleState, EnforcerState } from "./enforcer-state.tsx";

const refreshMs = 4_000;

/** All enforcers: first whether all of them enforce what was published, then each of them. */
export function EnforcerList({ first }: { readonly first: Outputs["enforcers"]["list"] }) {
  const api = useApi();
  const { data } = useQuery(
    api.enforcers.list.queryOptions(undefined, { initialData: first, refetchInterval: refreshMs }),
  );
  const behind = data.items.filter((each) => !each.current && each.status !== "banned" && each.status !== "pending");
  if (data.items.length === 0) {
    return (
      <Panel flush>
        <EmptyState icon={<Cpu />} title="No enforcer yet">
          An enforcer runs next to your database, in your network, and dials out only. Enrol one with a token that works
          once, within 15 minutes.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      {behind.length === 0 ? null : (
        <Callout
          tone="warn"
          title={`${behind.length} of ${data.items.length} ${behind.length === 1 ? "does" : "do"} not apply the newest bundle`}
        >
          <ul>
            {behind.map((each) => (
              <li key={each.id}>
                {each.name}: {each.problem ?? "catching up"}
                {each.refused?.since ? (
                  <>
                    {" "}
                    Refused since <Time at={each.refused.since} />.
                  </>
                ) : null}
              </li>
            ))}
          </ul>
        </Callout>
      )}
      <Panel flush>
        <Table label="Enforcers">
          <Columns
            names={[
              "Name",
              "Site",
              "State",
              "Bundle",
              { right: "Sessions" },
              "Last seen",
              "Certificate ends",
              "Version",
            ]}
          />
          <tbody>
            {data.items.map((enforcer) => (
              <Tr key={enforcer.id}>
                <Td>
                  <Link
                    href={`/enforcers/${enforcer.id}`}
                    className="font-medium text-ink hover:text-accent hover:underline"
                  >
                    {enforcer.name}
                  </Link>
                </Td>
                <Td className="text-ink-muted">{enforcer.site.name}</Td>
                <Td>
                  <EnforcerState enforcer={enforcer} />
                </Td>
                <Td>
                  <BundleState enforcer={enforcer} />
                </Td>
                <Td className="text-right tabular-nums">{enforcer.sessions}</Td>
                <Td className="text-ink-muted">
                  {enforcer.lastSeenAt === null ? "never" : <Time at={enforcer.lastSeenAt} form="relative" />}
                </Td>
                <Td className="text-ink-muted">
                  {enforcer.certificateEndsAt === null ? (
                    "none"
                  ) : (
                    <Time at={enforcer.certificateEndsAt} form="relative" />
                  )}
                </Td>
                <Td className="font-mono text-xs text-ink-muted">{enforcer.version ?? "unknown"}</Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      </Panel>
    </div>
  );
}
