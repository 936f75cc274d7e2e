"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { failureText, type Outputs, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { CopyLine } from "../../../ui/copy.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Field, Input, Select } from "../../../ui/form.tsx";
import { Callout } from "../../../ui/states.tsx";
import { Countdown } from "../../../ui/time.tsx";

/** Enrols an enforcer: a name and a site give a token that works once, and the line that starts it. */
export function EnrolDialog({ sites }: { readonly sites: Outputs["enforcers"]["list"]["sites"] }) {
  const api = useApi();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const [siteId, setSiteId] = useState(sites[0]?.id ?? "");
  const create = useMutation(
    api.enforcers.createToken.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.enforcers.pathKey() }),
    }),
  );
  const change = (next: boolean): void => {
    setOpen(next);
    if (next) return;
    create.reset();
    setName("");
  };
  return (
    <>
      <Button tone="primary" icon={<Plus aria-hidden />} onClick={() => setOpen(true)}>
        Enrol enforcer
      </Button>
      <Dialog
        open={open}
        onOpenChange={change}
        width="lg"
        title={create.data === undefined ? "Enrol an enforcer" : "Start it now"}
        description={
          create.data === undefined
            ? "It makes its own key, which never leaves it, and exchanges a token for a certificate."
            : "Run this where the enforcer lives. The token works once and is not shown again."
        }
        footer={
          create.data === undefined ? (
            <>
              <Button onClick={() => change(false)}>Cancel</Button>
              <Button
                tone="primary"
                busy={create.isPending}
                disabled={name === "" || siteId === ""}
                onClick={() => create.mutate({ name, siteId })}
              >
                Make a token
              </Button>
            </>
          ) : (
            <Button tone="primary" onClick={() => change(false)}>
              Done
            </Button>
          )
        }
      >
        {create.data === undefined ? (
          <div className="flex flex-col gap-4">
            <Field label="Name" hint="Lower case letters, digits and -, for example edge-1.">
              {(field) => (
                <Input
                  {...field}
                  value={name}
                  autoComplete="off"
                  spellCheck={false}
                  onChange={(event) => setName(event.target.value)}
                />
              )}
            </Field>
            <Field label="Site" hint="Its bundle, and nothing else, is sent there.">
              {(field) => (
                <Select {...field} value={siteId} onChange={(event) => setSiteId(event.target.value)}>
                  {sites.map((site) => (
                    <option key={site.id} value={site.id}>
                      {site.name}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            {create.error === null ? null : (
              <Callout tone="bad" title="No token was made" live>
                {failureText(create.error)}
              </Callout>
            )}
          </div>
        ) : (
          <div className="flex flex-col gap-3">
            <CopyLine label="Start the enforcer" text={create.data.command} wrap />
            <p className="text-sm text-ink-muted">
              The token ends in <Countdown until={create.data.expiresAt} />. The enforcer appears as online here as soon
              as it has dialled in.
            </p>
          </div>
        )}
      </Dialog>
    </>
  );
}
