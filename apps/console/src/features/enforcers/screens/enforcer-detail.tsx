"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Ban } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { type Outputs, useApi, useApiClient } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Confirm } from "../../../ui/confirm.tsx";
import { CopyId } from "../../../ui/copy.tsx";
import { Field, Input } from "../../../ui/form.tsx";
import { PageHeader, Panel } from "../../../ui/panel.tsx";
import { Callout } from "../../../ui/states.tsx";
import { Columns, Facts, Table, Td, Tr } from "../../../ui/table.tsx";
import { Time } from "../../../ui/time.tsx";
import { BundleState, EnforcerState } from "./enforcer-state.tsx";

const refreshMs = 4_000;

type Detail = Outputs["enforcers"]["get"];

/** One enforcer: what it applies against what it should, its proof of identity, its listeners and its bundles. */
export function EnforcerDetail({ first, mayBan }: { readonly first: Detail; readonly mayBan: boolean }) {
  const api = useApi();
  const { data: enforcer } = useQuery(
    api.enforcers.get.queryOptions({ id: first.id }, { initialData: first, refetchInterval: refreshMs }),
  );
  return (
    <>
      <PageHeader
        back={{ href: "/enforcers", label: "Enforcers" }}
        title={enforcer.name}
        description={`Site ${enforcer.site.name}${enforcer.hostname === null ? "" : `, on ${enforcer.hostname}`}`}
        actions={mayBan && enforcer.status !== "banned" ? <BanButton enforcer={enforcer} /> : undefined}
      />
      <div className="flex flex-col gap-4">
        <Problem enforcer={enforcer} />
        <div className="grid gap-4 lg:grid-cols-2">
          <Panel title="Enforcing">
            <Facts items={enforcingFacts(enforcer)} />
          </Panel>
          <Panel title="Identity and proof">
            <Facts items={proofFacts(enforcer)} />
          </Panel>
        </div>
        <Panel flush title="Listeners" description="Where clients connect">
          <Table label="Listeners">
            <Columns names={["Resource", "Address"]} />
            <tbody>
              {enforcer.listeners.map((listener) => (
                <Tr key={`${listener.resourceId} ${listener.address}`}>
                  <Td>
                    <Link
                      href={`/resources/${listener.resourceId}`}
                      className="font-medium text-ink hover:text-accent hover:underline"
                    >
                      {listener.resource ?? listener.resourceId}
                    </Link>
                  </Td>
                  <Td className="font-mono text-xs">{listener.address}</Td>
                </Tr>
              ))}
              {enforcer.listeners.length === 0 ? (
                <Tr>
                  <Td colSpan={2} className="text-ink-muted">
                    None yet: it listens once it has applied a bundle with a resource.
                  </Td>
                </Tr>
              ) : null}
            </tbody>
          </Table>
        </Panel>
        <Bundles enforcer={enforcer} />
      </div>
    </>
  );
}

function Problem({ enforcer }: { readonly enforcer: Detail }) {
  const { appliedVersion, problem, refused } = enforcer;
  if (refused === null || enforcer.status === "banned") {
    return problem === null ? null : (
      <Callout tone="warn" title="Not as it should be">
        {problem}
      </Callout>
    );
  }
  return (
    <Callout tone="bad" title={`It refuses bundle ${refused.version ?? "of the control plane"}`}>
      <Facts
        items={[
          { name: "Why", value: refused.reason },
          { name: "Since", value: refused.since === null ? "unknown" : <Time at={refused.since} /> },
          {
            name: "Meanwhile",
            value:
              appliedVersion === null
                ? "it has no good bundle and refuses all work"
                : `it enforces bundle ${appliedVersion}, the last good one, until that one's lease ends`,
          },
          { name: "Next step", value: refused.nextStep },
        ]}
      />
    </Callout>
  );
}

function enforcingFacts(enforcer: Detail) {
  return [
    { name: "State", value: <EnforcerState enforcer={enforcer} /> },
    { name: "Bundle", value: <BundleState enforcer={enforcer} /> },
    { name: "Applied", value: enforcer.appliedAt === null ? "never" : <Time at={enforcer.appliedAt} /> },
    ...(enforcer.refused === null
      ? []
      : [
          {
            name: "Refused",
            value: <span className="text-deny">bundle {enforcer.refused.version ?? "of the control plane"}</span>,
          },
        ]),
    { name: "Sessions", value: enforcer.sessions },
    { name: "Spool", value: `${enforcer.spoolBytes.toLocaleString("en")} bytes wait to be acknowledged` },
    { name: "Last seen", value: enforcer.lastSeenAt === null ? "never" : <Time at={enforcer.lastSeenAt} /> },
  ];
}

function proofFacts(enforcer: Detail) {
  return [
    { name: "Version", value: <code className="text-xs">{enforcer.version ?? "unknown"}</code> },
    { name: "Id", value: <CopyId id={enforcer.id} /> },
    {
      name: "Certificate",
      value:
        enforcer.certificateEndsAt === null ? (
          "none yet"
        ) : (
          <>
            ends <Time at={enforcer.certificateEndsAt} />
          </>
        ),
    },
    ...(enforcer.certificateSerial === null
      ? []
      : [{ name: "Serial", value: <CopyId id={enforcer.certificateSerial} /> }]),
    ...(enforcer.appliedDigest === null ? [] : [{ name: "Digest", value: <CopyId id={enforcer.appliedDigest} /> }]),
    { name: "Records", value: `${enforcer.ackedSeq.toLocaleString("en")} committed and acknowledged` },
    ...(enforcer.chainHead === null ? [] : [{ name: "Chain head", value: <CopyId id={enforcer.chainHead} /> }]),
  ];
}

function Bundles({ enforcer }: { readonly enforcer: Detail }) {
  return (
    <Panel flush title="Bundles" description="What was signed for this site, newest first">
      <Table label="Bundles">
        <Columns names={["Version", "Policy version", "Made because of", "Digest", "When"]} />
        <tbody>
          {enforcer.bundles.map((bundle) => (
            <Tr key={bundle.version}>
              <Td className="font-medium tabular-nums">
                v{bundle.version}
                {bundle.version === enforcer.appliedVersion ? <span className="text-allow"> applied</span> : null}
              </Td>
              <Td className="tabular-nums">v{bundle.policyVersion}</Td>
              <Td className="text-ink-muted">{bundle.cause}</Td>
              <Td>
                <CopyId id={bundle.digest} />
              </Td>
              <Td className="text-ink-muted">
                <Time at={bundle.createdAt} />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  );
}

function BanButton({ enforcer }: { readonly enforcer: Detail }) {
  const api = useApi();
  const client = useApiClient();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  return (
    <>
      <Button icon={<Ban aria-hidden />} onClick={() => setOpen(true)}>
        Ban
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={`Ban ${enforcer.name}?`}
        confirmLabel="Ban enforcer"
        onConfirm={async () => {
          if (reason.trim() === "") throw new Error("Give a reason: it is recorded and shown to the enforcer.");
          await client.enforcers.ban.mutate({ id: enforcer.id, reason: reason.trim() });
          await queries.invalidateQueries({ queryKey: api.enforcers.pathKey() });
        }}
      >
        <p>
          Its stream closes, its {enforcer.sessions} {enforcer.sessions === 1 ? "session ends" : "sessions end"}, its
          cached bundle is wiped and its certificate is refused from now on. To bring the site back, enrol a new
          enforcer.
        </p>
        <Field label="Reason" hint="Recorded in the audit log.">
          {(field) => <Input {...field} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
      </Confirm>
    </>
  );
}
