"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { failureText, type Outputs, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { CopyId } from "../../../ui/copy.tsx";
import { Exact } from "../../../ui/exact.tsx";
import { PageHeader, Panel } from "../../../ui/panel.tsx";
import { Callout } from "../../../ui/states.tsx";
import { Facts } from "../../../ui/table.tsx";
import { Time } from "../../../ui/time.tsx";
import type { PolicySetName } from "../schemas.ts";
import { ChangedSets } from "./changed-sets.tsx";
import { ChangedTests } from "./changed-tests.tsx";
import { DecideRequest } from "./decide-request.tsx";
import { Found } from "./impact-view.tsx";
import { RequestStatus } from "./request-status.tsx";

type Detail = Outputs["policies"]["requests"]["get"];
const refreshMs = 3_000;

/** Everything a second person decides by: the effect, the change, and two buttons. */
export function RequestDetail({ first, mayWrite }: { readonly first: Detail; readonly mayWrite: boolean }) {
  const api = useApi();
  const queries = useQueryClient();
  const { data: request } = useQuery(
    api.policies.requests.get.queryOptions({ id: first.id }, { initialData: first, refetchInterval: refreshMs }),
  );
  const changed = async (): Promise<void> => queries.invalidateQueries({ queryKey: api.policies.pathKey() });
  return (
    <>
      <PageHeader
        back={{ href: "/policies/requests", label: "Publish requests" }}
        title={
          <span className="inline-flex flex-wrap items-center gap-2.5">
            {request.requester.handle} wants to publish over version {request.baseVersion}
            <RequestStatus request={request} />
          </span>
        }
        description={request.note === "" ? "No note" : request.note}
      />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-4">
          {request.testsOverride === null ? null : (
            <Callout
              tone="warn"
              title={`${request.testsFailed} ${request.testsFailed === 1 ? "test fails" : "tests fail"}, and ${request.requester.handle} wants to publish all the same`}
            >
              {request.testsOverride}
            </Callout>
          )}
          <Panel title="Impact on the recorded traffic of the last week">
            <Found impact={request.impact} />
          </Panel>
          <Panel title="What changes">
            <div className="flex flex-col gap-4">
              <ChangedSets before={side(request.sets, "before")} after={side(request.sets, "after")} />
              <ChangedTests
                before={Object.fromEntries(request.tests.map(({ file, before }) => [file, before]))}
                after={Object.fromEntries(request.tests.map(({ file, after }) => [file, after]))}
              />
            </div>
          </Panel>
        </div>
        <div className="flex min-w-0 flex-col gap-4 lg:col-start-2 lg:row-start-1">
          <Decision request={request} mayWrite={mayWrite} onChanged={changed} />
          <Panel title="Request">
            <Facts
              items={[
                { name: "Asked", value: <Time at={request.createdAt} /> },
                { name: "Until", value: <Time at={request.expiresAt} /> },
                { name: "Flips", value: request.flips.toLocaleString("en") },
                { name: "Text", value: <CopyId id={request.digest} /> },
              ]}
            />
          </Panel>
        </div>
      </div>
    </>
  );
}

function side(sets: Detail["sets"], which: "before" | "after"): Record<PolicySetName, string> {
  return {
    guardrails: sets.guardrails[which],
    access: sets.access[which],
    obligations: sets.obligations[which],
  };
}

function Decision({
  request,
  mayWrite,
  onChanged,
}: {
  readonly request: Detail;
  readonly mayWrite: boolean;
  readonly onChanged: () => Promise<void>;
}) {
  if (request.status !== "waiting") return <Decided request={request} />;
  if (request.own && mayWrite) return <Own request={request} onChanged={onChanged} />;
  return (
    <Panel title="Your decision" description="Publishes exactly this text over this version, once">
      {request.cannotDecide === null ? (
        <DecideRequest request={request} onDecided={onChanged} />
      ) : (
        <Callout tone="info" title="You cannot decide this one">
          {request.cannotDecide}
        </Callout>
      )}
    </Panel>
  );
}

function Own({ request, onChanged }: { readonly request: Detail; readonly onChanged: () => Promise<void> }) {
  const api = useApi();
  const withdraw = useMutation(api.policies.requests.withdraw.mutationOptions({ onSuccess: onChanged }));
  return (
    <Panel title="You asked for this">
      <p className="text-sm text-ink-muted">
        Somebody else must approve it. It waits until <Time at={request.expiresAt} form="clock" />, or until another
        version is published.
      </p>
      {withdraw.error === null ? null : (
        <Callout tone="bad" title="It was not withdrawn" live>
          {failureText(withdraw.error)}
        </Callout>
      )}
      <Button className="mt-3" busy={withdraw.isPending} onClick={() => withdraw.mutate({ id: request.id })}>
        Withdraw
      </Button>
    </Panel>
  );
}

function Decided({ request }: { readonly request: Detail }) {
  const by = request.decidedBy === null ? "" : ` by ${request.decidedBy.handle}`;
  const words = {
    waiting: { tone: "info", title: "Waits" },
    approved: { tone: "good", title: `Published as version ${request.version ?? ""}${by}` },
    refused: { tone: "bad", title: `Refused${by}` },
    withdrawn: { tone: "info", title: "Withdrawn" },
    expired: { tone: "warn", title: "Expired" },
  } as const;
  const { tone, title } = words[request.status];
  return (
    <Callout tone={tone} title={title} live>
      {request.reason === null ? null : <Exact text={request.reason} />}
      {request.decidedAt === null ? null : (
        <span className="block text-ink-muted">
          <Time at={request.decidedAt} />
        </span>
      )}
    </Callout>
  );
}
