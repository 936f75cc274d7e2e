"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { type Outputs, useApi, useApiClient } from "../../../client/api.tsx";
import { Principal } from "../../../ui/avatar.tsx";
import { Button } from "../../../ui/button.tsx";
import { Confirm } from "../../../ui/confirm.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { Columns, Table, Td, Tr } from "../../../ui/table.tsx";
import { Time } from "../../../ui/time.tsx";

type Token = Outputs["access"]["tokens"]["items"][number];

/** One's own connections that still work, and the way to end each. */
export function TokenList({ first }: { readonly first: Outputs["access"]["tokens"] }) {
  const api = useApi();
  const client = useApiClient();
  const queries = useQueryClient();
  const options = api.access.tokens.queryOptions(undefined, { initialData: first });
  const { data } = useQuery(options);
  const [ending, setEnding] = useState<Token | null>(null);
  return (
    <Panel
      flush
      title="Your open connections"
      description="Tokens that still work; ending one ends its live sessions too"
    >
      {data.items.length === 0 ? (
        <EmptyState icon={<KeyRound />} title="No token of yours works now">
          Get a connection above; it ends by itself.
        </EmptyState>
      ) : (
        <Table label="Your open connections">
          <Columns names={["Name", "As", "Site", "Made", "Ends"]} actions />
          <tbody>
            {data.items.map((token) => (
              <Tr key={token.id}>
                <Td className="font-medium">{token.name}</Td>
                <Td>
                  <Principal type={token.principal.type} handle={token.principal.handle} />
                </Td>
                <Td className="text-ink-muted">{token.site}</Td>
                <Td className="text-ink-muted">
                  <Time at={token.issuedAt} form="relative" />
                </Td>
                <Td className="text-ink-muted">
                  <Time at={token.expiresAt} />
                </Td>
                <Td className="text-right">
                  <Button size="sm" onClick={() => setEnding(token)}>
                    End
                  </Button>
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      <Confirm
        open={ending !== null}
        onOpenChange={() => setEnding(null)}
        title="End this connection?"
        confirmLabel="End it"
        onConfirm={async () => {
          if (ending === null) return;
          await client.access.revoke.mutate({ id: ending.id });
          await queries.invalidateQueries({ queryKey: options.queryKey });
        }}
      >
        <p>
          The token of <strong className="font-medium">{ending?.name}</strong> stops working within seconds and sessions
          that use it are cut off. What they did stays in the audit log.
        </p>
      </Confirm>
    </Panel>
  );
}
