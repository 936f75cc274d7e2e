"use client";
import Link from "next/link";
import type { ReactNode } from "react";
import type { Outputs } from "../../../client/api.tsx";
import { Avatar, Principal } from "../../../ui/avatar.tsx";
import { Badge, Status } from "../../../ui/badge.tsx";
import { Columns, Table, Td, Tr } from "../../../ui/table.tsx";
import { Time } from "../../../ui/time.tsx";
import { LockButton } from "./lock-button.tsx";

function GroupNames({ names }: { readonly names: readonly string[] }): ReactNode {
  return (
    <span className="flex gap-1">
      {names.map((name) => (
        <Badge key={name} mono>
          {name}
        </Badge>
      ))}
    </span>
  );
}

function State({ lockedAt }: { readonly lockedAt: string | null }) {
  if (lockedAt === null) return <Status tone="good">Active</Status>;
  return (
    <Status tone="bad">
      Locked <Time at={lockedAt} form="relative" />
    </Status>
  );
}

/** People with their console role, groups and agents. */
export function PeopleTable({
  people,
  mayWrite,
}: {
  readonly people: Outputs["identities"]["list"]["people"];
  readonly mayWrite: boolean;
}) {
  return (
    <Table label="People">
      <Columns names={["Person", "Console role", "Groups", "Agents", "State", "Last seen"]} actions />
      <tbody>
        {people.map((person) => (
          <Tr key={person.id}>
            <Td>
              <Link href={`/audit?principal=${person.handle}`} className="group flex items-center gap-2.5">
                <Avatar name={person.name} />
                <span className="min-w-0">
                  <span className="block font-medium text-ink group-hover:text-accent group-hover:underline">
                    {person.name} <span className="font-normal text-ink-muted">{person.handle}</span>
                  </span>
                  <span className="block text-xs text-ink-muted">{person.email}</span>
                </span>
              </Link>
            </Td>
            <Td>{person.role}</Td>
            <Td>
              <GroupNames names={person.groups} />
            </Td>
            <Td className="text-ink-muted">{person.agents.join(", ")}</Td>
            <Td>
              <State lockedAt={person.lockedAt} />
            </Td>
            <Td className="text-ink-muted">
              {person.lastSeenAt === null ? "never" : <Time at={person.lastSeenAt} form="relative" />}
            </Td>
            <Td className="text-right">
              {mayWrite ? (
                <LockButton type="User" id={person.id} handle={person.handle} locked={person.lockedAt !== null} />
              ) : null}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

/** Agents with their model and the person they act for. */
export function AgentTable({
  agents,
  mayWrite,
}: {
  readonly agents: Outputs["identities"]["list"]["agents"];
  readonly mayWrite: boolean;
}) {
  return (
    <Table label="Agents">
      <Columns names={["Agent", "Acts for", "Model", "Groups", "State"]} actions />
      <tbody>
        {agents.map((agent) => (
          <Tr key={agent.id}>
            <Td>
              <Link href={`/audit?principal=${agent.handle}`} className="hover:underline">
                <Principal type="Agent" handle={agent.handle} name={agent.name} />
              </Link>
            </Td>
            <Td>{agent.onBehalfOf === null ? <span className="text-ink-muted">itself</span> : agent.onBehalfOf}</Td>
            <Td className="font-mono text-xs text-ink-muted">{agent.model ?? "not told"}</Td>
            <Td>
              <GroupNames names={agent.groups} />
            </Td>
            <Td>
              <State lockedAt={agent.lockedAt} />
            </Td>
            <Td className="text-right">
              {mayWrite ? (
                <LockButton type="Agent" id={agent.id} handle={agent.handle} locked={agent.lockedAt !== null} />
              ) : null}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
