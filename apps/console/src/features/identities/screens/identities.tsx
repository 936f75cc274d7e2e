"use client";
import { useQuery } from "@tanstack/react-query";
import { Bot, Users } from "lucide-react";
import { useRouter } from "next/navigation";
import { type Outputs, useApi } from "../../../client/api.tsx";
import { Principal } from "../../../ui/avatar.tsx";
import { Badge } from "../../../ui/badge.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { TabPanel, Tabs } from "../../../ui/tabs.tsx";
import type { IdentityView } from "./identity-view.ts";
import { AgentTable, PeopleTable } from "./principal-tables.tsx";

/** Everybody and everything that can act: people, agents and for whom they act, groups. */
export function Identities({
  first,
  view,
  mayWrite,
}: {
  readonly first: Outputs["identities"]["list"];
  readonly view: IdentityView;
  readonly mayWrite: boolean;
}) {
  const api = useApi();
  const router = useRouter();
  const { data } = useQuery(api.identities.list.queryOptions(undefined, { initialData: first }));
  const count = (number: number) => <span className="text-xs text-ink-faint tabular-nums">{number}</span>;
  return (
    <Tabs<IdentityView>
      label="Identities"
      value={view}
      onChange={(next) => router.replace(next === "people" ? "/identities" : `/identities?view=${next}`)}
      tabs={[
        { id: "people", label: "People", note: count(data.people.length) },
        { id: "agents", label: "Agents", note: count(data.agents.length) },
        { id: "groups", label: "Groups", note: count(data.groups.length) },
      ]}
    >
      <TabPanel id="people">
        <Panel flush>
          <PeopleTable people={data.people} mayWrite={mayWrite} />
        </Panel>
      </TabPanel>
      <TabPanel id="agents">
        <Panel flush>
          {data.agents.length === 0 ? (
            <EmptyState icon={<Bot />} title="No agent yet">
              An agent is an AI system with its own identity. One that acts for a person can never do more than they
              can.
            </EmptyState>
          ) : (
            <AgentTable agents={data.agents} mayWrite={mayWrite} />
          )}
        </Panel>
      </TabPanel>
      <TabPanel id="groups">
        <Groups groups={data.groups} />
      </TabPanel>
    </Tabs>
  );
}

function Groups({ groups }: { readonly groups: Outputs["identities"]["list"]["groups"] }) {
  if (groups.length === 0) {
    return (
      <Panel flush>
        <EmptyState icon={<Users />} title="No group yet">
          Policies and workflows speak of groups, not of single people.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <ul className="grid gap-4 md:grid-cols-2">
      {groups.map((group) => (
        <li key={group.id}>
          <Panel
            title={<code className="text-sm">{group.name}</code>}
            description={`${group.members.length} ${group.members.length === 1 ? "member" : "members"}`}
            actions={<Badge>{group.source}</Badge>}
          >
            <ul className="flex flex-wrap gap-x-4 gap-y-1.5">
              {group.members.map((member) => (
                <li key={`${member.type} ${member.handle}`}>
                  <Principal type={member.type} handle={member.handle} name={member.name} />
                </li>
              ))}
              {group.members.length === 0 ? <li className="text-ink-muted">Nobody.</li> : null}
            </ul>
          </Panel>
        </li>
      ))}
    </ul>
  );
}
