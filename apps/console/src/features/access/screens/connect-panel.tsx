"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Terminal } from "lucide-react";
import { useState } from "react";
import { failureText, type Outputs, useApi } from "../../../client/api.tsx";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { CopyLine } from "../../../ui/copy.tsx";
import { Select } from "../../../ui/form.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { Callout, EmptyState } from "../../../ui/states.tsx";
import { Time } from "../../../ui/time.tsx";

/** What one may connect to, and the agents one may connect as. */
interface Offer {
  readonly resources: Outputs["resources"]["list"]["items"];
  readonly agents: readonly { readonly id: string; readonly handle: string }[];
  readonly me: string;
}

const lifetimes = [
  { seconds: 3_600, label: "1 hour" },
  { seconds: 28_800, label: "8 hours" },
  { seconds: 86_400, label: "1 day" },
] as const;

function hidden(text: string, password: string): string {
  return text.replaceAll(password, "••••••••").replaceAll(encodeURIComponent(password), "••••••••");
}

/** One's own connection to each resource: pick for how long and as whom, get a line to paste. */
export function ConnectPanel({ resources, agents, me }: Offer) {
  if (resources.length === 0) {
    return (
      <Panel flush>
        <EmptyState icon={<Terminal />} title="Nothing to connect to yet">
          An admin connects a database under Resources; then your own connection line appears here.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <ul className="flex flex-col gap-4" aria-label="Resources">
      {resources.map((resource) => (
        <li key={resource.id}>
          <ConnectOne resource={resource} agents={agents} me={me} />
        </li>
      ))}
    </ul>
  );
}

function ConnectOne({
  resource,
  agents,
  me,
}: {
  readonly resource: Offer["resources"][number];
  readonly agents: Offer["agents"];
  readonly me: string;
}) {
  const api = useApi();
  const queries = useQueryClient();
  const [as, setAs] = useState("");
  const [lifetimeS, setLifetimeS] = useState(28_800);
  const connect = useMutation(
    api.access.connect.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.access.tokens.queryKey() }),
    }),
  );
  const made = connect.data;
  return (
    <Panel
      title={
        <span className="inline-flex items-center gap-2">
          {resource.name}
          <Badge tone={resource.environment === "production" ? "warn" : "neutral"}>{resource.environment}</Badge>
        </span>
      }
      description={
        resource.address === null
          ? "No enforcer listens for it yet."
          : `${resource.kind} ${resource.database}, through ${resource.address}`
      }
    >
      <div className="flex flex-wrap items-end gap-2">
        <label className="flex flex-col gap-1 text-xs font-medium text-ink-muted">
          Connect as
          <Select value={as} onChange={(event) => setAs(event.target.value)}>
            <option value="">{me} (you)</option>
            {agents.map((agent) => (
              <option key={agent.id} value={agent.id}>
                {agent.handle} for {me}
              </option>
            ))}
          </Select>
        </label>
        <label className="flex flex-col gap-1 text-xs font-medium text-ink-muted">
          For
          <Select value={lifetimeS} onChange={(event) => setLifetimeS(Number(event.target.value))}>
            {lifetimes.map((lifetime) => (
              <option key={lifetime.seconds} value={lifetime.seconds}>
                {lifetime.label}
              </option>
            ))}
          </Select>
        </label>
        <Button
          tone="primary"
          icon={<Terminal aria-hidden />}
          busy={connect.isPending}
          disabled={resource.address === null}
          onClick={() => connect.mutate({ resourceId: resource.id, lifetimeS, ...(as === "" ? {} : { agentId: as }) })}
        >
          Get connection
        </Button>
      </div>
      {connect.error === null ? null : (
        <div className="pt-3">
          <Callout tone="bad" title="No connection was made" live>
            {failureText(connect.error)}
          </Callout>
        </div>
      )}
      {made === undefined ? null : (
        <div className="flex flex-col gap-3 pt-4">
          <Line label="psql, ready to paste" text={made.psql} password={made.password} />
          <Line label="Connection URL" text={made.url} password={made.password} />
          <p className="text-xs text-ink-muted">
            Works until <Time at={made.expiresAt} />, for <strong className="font-medium text-ink">{made.user}</strong>{" "}
            on this site only, inside TLS. The password is hidden here and copied whole; it is not shown again.
          </p>
        </div>
      )}
    </Panel>
  );
}

function Line({ label, text, password }: { readonly label: string; readonly text: string; readonly password: string }) {
  return (
    <div>
      <p className="pb-1 text-xs font-medium text-ink-muted">{label}</p>
      <CopyLine label={label} text={text} shown={hidden(text, password)} wrap />
    </div>
  );
}
