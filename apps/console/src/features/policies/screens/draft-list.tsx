"use client";
import { useQuery } from "@tanstack/react-query";
import { FilePen } from "lucide-react";
import Link from "next/link";
import { type Outputs, useApi } from "../../../client/api.tsx";
import { ButtonLink } from "../../../ui/button.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { Columns, Table, Td, Tr } from "../../../ui/table.tsx";
import { Time } from "../../../ui/time.tsx";
import { DraftState } from "./draft-state.tsx";

const refreshMs = 10_000;

/** The newest drafts: those that somebody can still publish, and what became of the others. */
export function DraftList({ first }: { readonly first: Outputs["policies"]["drafts"]["list"] }) {
  const api = useApi();
  const { data } = useQuery(
    api.policies.drafts.list.queryOptions(undefined, { initialData: first, refetchInterval: refreshMs }),
  );
  if (data.items.length === 0) {
    return (
      <Panel flush>
        <EmptyState
          icon={<FilePen />}
          title="No drafts"
          action={<ButtonLink href="/policies">Change a policy</ButtonLink>}
        >
          A draft is a change that is not in force yet: keep one with “Save draft” in the editor, or bring one from git
          with <code>sluice policy import</code>. Colleagues see here what it changes before anybody publishes it.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <Panel flush>
      <Table label="Drafts">
        <Columns names={["Draft", "What and why", "State", "Over", "By", "When"]} />
        <tbody>
          {data.items.map((draft) => (
            <Tr key={draft.number}>
              <Td className="whitespace-nowrap">
                <Link
                  href={`/policies/drafts/${draft.number}`}
                  className="font-medium text-ink tabular-nums hover:text-accent hover:underline"
                >
                  Draft {draft.number}
                </Link>
              </Td>
              <Td className="min-w-48">
                {draft.note === "" ? <span className="text-ink-muted">No note</span> : draft.note}
              </Td>
              <Td>
                <DraftState draft={draft} />
              </Td>
              <Td className="text-ink-muted tabular-nums">v{draft.baseVersion}</Td>
              <Td className="text-ink-muted">{draft.author?.handle ?? "Sluice"}</Td>
              <Td className="text-ink-muted">
                <Time at={draft.createdAt} form="relative" />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  );
}
