"use client";
import { useMutation } from "@tanstack/react-query";
import { CircleCheck, CircleX } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { failureText, type Outputs, useApi } from "../../../client/api.tsx";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { CopyLine } from "../../../ui/copy.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { Callout } from "../../../ui/states.tsx";
import { Facts } from "../../../ui/table.tsx";

type Connection = Outputs["settings"]["get"]["connections"][number];

/** Where the org's people sign in, with a test that says which step fails. */
export function SignInConnections({
  connections,
  mayWrite,
}: {
  readonly connections: readonly Connection[];
  readonly mayWrite: boolean;
}) {
  return (
    <Panel
      title="Sign-in"
      description="OpenID Connect: Okta, Entra ID, Google or any provider that follows the standard"
    >
      <ul className="flex flex-col gap-4">
        {connections.map((connection) => (
          <ConnectionItem key={connection.id} connection={connection} mayWrite={mayWrite} />
        ))}
      </ul>
    </Panel>
  );
}

function ConnectionItem({ connection, mayWrite }: { readonly connection: Connection; readonly mayWrite: boolean }) {
  const api = useApi();
  const router = useRouter();
  const test = useMutation(api.identityConnection.test.mutationOptions());
  const update = useMutation(
    api.identityConnection.update.mutationOptions({
      onSuccess: () => router.refresh(),
    }),
  );
  const { clientId, enabled, id, issuer, name, trustsEmail } = connection;
  // what was chosen shows at once and stays while it is saved and the page is read again
  const [chosen, setChosen] = useState<boolean>();
  const vouch = (trusts: boolean) => {
    setChosen(trusts);
    update.mutate(
      { id, name, issuer, clientId, enabled, trustsEmail: trusts },
      { onError: () => setChosen(undefined) },
    );
  };
  return (
    <li className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <p className="font-medium text-ink">{connection.name}</p>
        <Badge tone={connection.enabled ? "good" : "neutral"}>{connection.enabled ? "enabled" : "disabled"}</Badge>
        <span className="flex-1" />
        {mayWrite ? (
          <Button size="sm" busy={test.isPending} onClick={() => test.mutate({ issuer: connection.issuer })}>
            Test connection
          </Button>
        ) : null}
      </div>
      <Facts
        items={[
          { name: "Issuer", value: <code className="text-xs break-all">{connection.issuer}</code> },
          { name: "Client id", value: <code className="text-xs break-all">{connection.clientId}</code> },
        ]}
      />
      <div>
        <p className="pb-1 text-xs font-medium text-ink-muted">Redirect URI to register at the provider</p>
        <CopyLine label="Redirect URI" text={connection.redirectUri} />
      </div>
      <label className="flex items-start gap-2 text-sm text-ink">
        <input
          type="checkbox"
          className="mt-1"
          checked={chosen ?? trustsEmail}
          aria-busy={update.isPending}
          disabled={!mayWrite}
          onChange={(event) => update.isPending || vouch(event.target.checked)}
        />
        <span>
          This provider verifies e-mail addresses, although it does not say so
          <span className="block text-xs text-ink-muted">
            Entra ID sends no email_verified. Only for a directory of your own: who can choose an address there can come
            in as that person.
          </span>
        </span>
      </label>
      {update.error === null ? null : (
        <Callout tone="bad" title="The connection was not changed" live>
          {failureText(update.error)}
        </Callout>
      )}
      {test.error === null ? null : (
        <Callout tone="bad" title="The test could not run" live>
          {failureText(test.error)}
        </Callout>
      )}
      {test.data === undefined ? null : (
        <ol className="flex flex-col gap-1.5" aria-label="Test result">
          {test.data.steps.map((step) => (
            <li key={step.name} className="flex items-start gap-2">
              {step.ok ? (
                <CircleCheck className="mt-0.5 size-4 shrink-0 text-allow" role="img" aria-label="passed" />
              ) : (
                <CircleX className="mt-0.5 size-4 shrink-0 text-deny" role="img" aria-label="failed" />
              )}
              <span>
                <span className="font-medium text-ink">{step.name}</span>{" "}
                <span className="text-ink-muted">{step.detail}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </li>
  );
}
