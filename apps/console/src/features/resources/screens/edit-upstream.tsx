"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { failureText, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Field, Input, Select, Textarea } from "../../../ui/form.tsx";
import { Callout } from "../../../ui/states.tsx";
import { formatHosts, parseHosts } from "../host-list.ts";
import { type ResourceDetail, targetSessionSchema, type UpstreamReach } from "../schemas.ts";
import { OpenAheadField } from "./open-ahead-field.tsx";
import { PoolFields } from "./pool-fields.tsx";
import { targetWords } from "./target-words.ts";

/** Changes the hosts of a resource and how connections to them are used. Says what saving does to live sessions. */
export function EditUpstream({
  id,
  upstream,
  onClose,
}: {
  readonly id: string;
  readonly upstream: ResourceDetail["upstream"];
  readonly onClose: () => void;
}) {
  const api = useApi();
  const queries = useQueryClient();
  const { database: _database, tls: _tls, ...first } = upstream;
  const [reach, setReach] = useState<UpstreamReach>(first);
  const [text, setText] = useState(formatHosts(upstream.hosts));
  const hosts = parseHosts(text);
  const save = useMutation(
    api.resources.saveUpstream.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: api.resources.pathKey() });
        onClose();
      },
    }),
  );
  const change = (part: Partial<UpstreamReach>): void => setReach({ ...reach, ...part });
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Change the upstream"
      description="Enforcers of the site take it on within seconds. Live sessions of this resource end, after the statements that run."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            busy={save.isPending}
            disabled={!hosts.ok}
            onClick={() => (hosts.ok ? save.mutate({ id, ...reach, hosts: [...hosts.value] }) : undefined)}
          >
            Save
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field
          label="Hosts"
          hint="One host:port per line, tried one after another when a session begins. A running session never moves."
          error={hosts.ok ? undefined : hosts.error.public}
        >
          {(field) => (
            <Textarea
              {...field}
              className="font-mono text-xs"
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <Field label="Sessions use" hint="Asked of each host when a session begins (pg_is_in_recovery).">
          {(field) => (
            <Select
              {...field}
              value={reach.targetSession}
              onChange={(event) => {
                const parsed = targetSessionSchema.safeParse(event.target.value);
                if (parsed.success) change({ targetSession: parsed.data });
              }}
            >
              {targetSessionSchema.options.map((option) => (
                <option key={option} value={option}>
                  {targetWords[option]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Seconds for each host" hint="After that the next one is tried.">
          {(field) => (
            <Input
              {...field}
              type="number"
              min={0.1}
              max={60}
              step={0.1}
              value={reach.connectTimeoutMs / 1000}
              onChange={(event) => change({ connectTimeoutMs: Math.round(Number(event.target.value) * 1000) })}
            />
          )}
        </Field>
        <label className="flex items-center gap-2 text-sm text-ink">
          <input
            type="checkbox"
            checked={reach.loadBalance}
            onChange={(event) => change({ loadBalance: event.target.checked })}
          />
          Try the hosts in random order
        </label>
        <OpenAheadField checked={reach.openAhead} onChange={(openAhead) => change({ openAhead })} />
        <PoolFields pool={reach.pool} onChange={(pool) => change({ pool })} />
        {save.error === null ? null : (
          <Callout tone="bad" title="The upstream was not changed" live>
            {failureText(save.error)}
          </Callout>
        )}
      </div>
    </Dialog>
  );
}
