import Link from "next/link";
import { Panel } from "../../../ui/panel.tsx";
import { Columns, Table, Td, Tr } from "../../../ui/table.tsx";
import { Time } from "../../../ui/time.tsx";
import type { RunDetail } from "../schemas.ts";
import { PartState } from "./run-state.tsx";

/** What each enforcer does with the candidate, and what to do about those that do not run it. */
export function RunEnforcers({ enforcers }: { readonly enforcers: RunDetail["enforcers"] }) {
  return (
    <Panel flush title="Enforcers" description="Who takes part, and whose traffic these numbers are of">
      <Table label="Enforcers of this run">
        <Columns
          names={[
            "Enforcer",
            "Candidate",
            { right: "Decided" },
            { right: "Would differ" },
            { right: "Dropped" },
            { right: "Per decision" },
            "Last report",
          ]}
        />
        <tbody>
          {enforcers.map((enforcer) => (
            <Tr key={enforcer.id}>
              <Td>
                <Link
                  href={`/enforcers/${enforcer.id}`}
                  className="font-medium text-ink hover:text-accent hover:underline"
                >
                  {enforcer.name}
                </Link>
                <span className="block text-xs text-ink-muted">{enforcer.site}</span>
              </Td>
              <Td>
                <PartState state={enforcer.state} />
                {enforcer.problem === null ? null : (
                  <span className="block max-w-md text-xs text-ink-muted text-pretty">{enforcer.problem}</span>
                )}
                {enforcer.restarts === 0 ? null : (
                  <span className="block text-xs text-ink-muted">
                    started again {enforcer.restarts === 1 ? "once" : `${enforcer.restarts} times`} meanwhile
                  </span>
                )}
              </Td>
              <Td className="text-right tabular-nums">{enforcer.decided.toLocaleString("en")}</Td>
              <Td className="text-right tabular-nums">{enforcer.flips.toLocaleString("en")}</Td>
              <Td className="text-right tabular-nums">{enforcer.dropped.toLocaleString("en")}</Td>
              <Td className="text-right text-ink-muted tabular-nums">{durationText(enforcer.meanUs)}</Td>
              <Td className="text-ink-muted">
                {enforcer.reportedAt === null ? "never" : <Time at={enforcer.reportedAt} form="relative" />}
              </Td>
            </Tr>
          ))}
          {enforcers.length === 0 ? (
            <Tr>
              <Td colSpan={7} className="text-ink-muted">
                No enforcer is enrolled, so nothing is decided.
              </Td>
            </Tr>
          ) : null}
        </tbody>
      </Table>
    </Panel>
  );
}

function durationText(us: number | null): string {
  if (us === null) return "none yet";
  return us < 1_000
    ? `${us.toLocaleString("en")} µs`
    : `${(us / 1_000).toLocaleString("en", { maximumFractionDigits: 1 })} ms`;
}
