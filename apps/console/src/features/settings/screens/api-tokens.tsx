"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { failureText, type Outputs, useApi, useApiClient } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Confirm } from "../../../ui/confirm.tsx";
import { CopyLine } from "../../../ui/copy.tsx";
import { Input } from "../../../ui/form.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { Callout } from "../../../ui/states.tsx";
import { Columns, Table, Td, Tr } from "../../../ui/table.tsx";
import { Time } from "../../../ui/time.tsx";

type Token = Outputs["apiTokens"]["list"]["items"][number];

/** One's own bearer tokens for the REST API; a new one is shown once. */
export function ApiTokens({ first }: { readonly first: Outputs["apiTokens"]["list"] }) {
  const api = useApi();
  const client = useApiClient();
  const queries = useQueryClient();
  const options = api.apiTokens.list.queryOptions(undefined, { initialData: first });
  const { data } = useQuery(options);
  const [name, setName] = useState("");
  const [ending, setEnding] = useState<Token | null>(null);
  const again = () => queries.invalidateQueries({ queryKey: options.queryKey });
  const create = useMutation(
    api.apiTokens.create.mutationOptions({
      onSuccess: () => {
        setName("");
        return again();
      },
    }),
  );
  return (
    <Panel flush title="Your API tokens" description="For the REST API and the CLI: Authorization: Bearer …">
      <form
        className="flex flex-wrap gap-2 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ name });
        }}
      >
        <Input
          aria-label="Name of the new token"
          placeholder="What it is for, for example ci"
          className="max-w-72"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Button type="submit" busy={create.isPending} disabled={name.trim() === ""}>
          Make token
        </Button>
      </form>
      {create.error === null ? null : (
        <div className="px-4 pb-4">
          <Callout tone="bad" title="No token was made" live>
            {failureText(create.error)}
          </Callout>
        </div>
      )}
      {create.data === undefined ? null : (
        <div className="flex flex-col gap-1 px-4 pb-4">
          <p className="text-xs text-ink-muted">Copy it now: it is not shown again.</p>
          <CopyLine label="New API token" text={create.data.token} />
        </div>
      )}
      {data.items.length === 0 ? null : (
        <Table label="Your API tokens">
          <Columns names={["Name", "Made", "Ends"]} actions />
          <tbody>
            {data.items.map((token) => (
              <Tr key={token.id}>
                <Td className="font-medium">{token.name}</Td>
                <Td className="text-ink-muted">
                  <Time at={token.createdAt} form="relative" />
                </Td>
                <Td className="text-ink-muted">
                  {token.revokedAt === null ? <Time at={token.expiresAt} form="relative" /> : "revoked"}
                </Td>
                <Td className="text-right">
                  {token.revokedAt === null ? (
                    <Button size="sm" onClick={() => setEnding(token)}>
                      Revoke
                    </Button>
                  ) : null}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      <Confirm
        open={ending !== null}
        onOpenChange={() => setEnding(null)}
        title={`Revoke ${ending?.name ?? ""}?`}
        confirmLabel="Revoke token"
        onConfirm={async () => {
          if (ending === null) return;
          await client.apiTokens.revoke.mutate({ id: ending.id });
          await again();
        }}
      >
        <p>Whatever uses it is refused from now on. This cannot be undone; make a new token instead.</p>
      </Confirm>
    </Panel>
  );
}
