"use client";
import { useQuery } from "@tanstack/react-query";
import { Ghost } from "lucide-react";
import Link from "next/link";
import { type Outputs, useApi } from "../../../client/api.tsx";
import { ButtonLink } from "../../../ui/button.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { Callout, EmptyState } from "../../../ui/states.tsx";
import { Columns, Table, Td, Tr } from "../../../ui/table.tsx";
import { Countdown, Time } from "../../../ui/time.tsx";
import { RunState } from "./run-state.tsx";

const refreshMs = 4_000;

/** All shadow runs: first the one that runs, then those that are over. */
export function RunList({ first }: { readonly first: Outputs["shadow"]["list"] }) {
  const api = useApi();
  const { data } = useQuery(
    api.shadow.list.queryOptions(undefined, { initialData: first, refetchInterval: refreshMs }),
  );
  const running = data.items.find(({ state }) => state === "running");
  if (data.items.length === 0) {
    return (
      <Panel flush>
        <EmptyState
          icon={<Ghost />}
          title="No candidate ran in shadow yet"
          action={<ButtonLink href="/policies">Change a policy</ButtonLink>}
        >
          Change a policy in the editor and choose “Run in shadow”: enforcers decide live traffic with it as well,
          enforce nothing of it, and you see here what would change.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      {running === undefined ? null : (
        <Callout
          tone={running.flips > 0 ? "warn" : "info"}
          title={
            <>
              Run {running.number} goes on for <Countdown until={running.endsAt} />
            </>
          }
          action={
            <ButtonLink size="sm" href={`/policies/shadow/${running.id}`}>
              Watch
            </ButtonLink>
          }
        >
          {running.flips.toLocaleString("en")} of {running.decided.toLocaleString("en")} exchanges would be answered
          differently.
        </Callout>
      )}
      <Panel flush>
        <Table label="Shadow runs">
          <Columns
            names={["Run", "What it tries", "State", { right: "Decided" }, { right: "Would differ" }, "By", "Started"]}
          />
          <tbody>
            {data.items.map((run) => (
              <Tr key={run.id}>
                <Td>
                  <Link
                    href={`/policies/shadow/${run.id}`}
                    className="font-medium text-ink tabular-nums hover:text-accent hover:underline"
                  >
                    Run {run.number}
                  </Link>
                </Td>
                <Td>{run.note === "" ? <span className="text-ink-muted">No note</span> : run.note}</Td>
                <Td>
                  <RunState state={run.state} />
                </Td>
                <Td className="text-right tabular-nums">{run.decided.toLocaleString("en")}</Td>
                <Td className="text-right tabular-nums">{run.flips.toLocaleString("en")}</Td>
                <Td className="text-ink-muted">{run.author?.handle ?? "unknown"}</Td>
                <Td className="text-ink-muted">
                  <Time at={run.startedAt} />
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      </Panel>
    </div>
  );
}
