import { ChevronRight, Shield, ShieldBan, ShieldCheck } from "lucide-react";
import { Badge } from "../../../ui/badge.tsx";
import { CedarText } from "../../../ui/cedar-text.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { Columns, Table, Td, Tr } from "../../../ui/table.tsx";
import { Verdict } from "../../../ui/verdict.tsx";
import type { RecordDetail } from "../schemas.ts";

/** Why a pair was refused, in words. */
const codeWords: Readonly<Record<string, string>> = {
  forbidden: "a guardrail forbids it",
  no_permit: "no access policy permits it",
  policy_error: "a policy could not be evaluated: doubt denies",
  unknown_obligation: "an obligation the enforcer does not know",
  bad_request: "the request was malformed",
};

/** Every (action, object) pair of the statement and its own verdict; all must pass. */
export function DecisionList({ decisions }: { readonly decisions: RecordDetail["decisions"] }) {
  return (
    <Panel flush title="Decisions" description="Each action on each object is decided apart; all must pass">
      <Table label="Decisions">
        <Columns names={["Verdict", "Action", "On", "Decided by"]} />
        <tbody>
          {decisions.map((decision) => (
            <Tr key={`${decision.action} ${decision.resource.type} ${decision.resource.id}`}>
              <Td>
                <Verdict kind={decision.verdict} plain />
              </Td>
              <Td>
                <code className="text-xs">{decision.action}</code>
              </Td>
              <Td>
                <code className="text-xs whitespace-nowrap">{decision.resource.id}</code>
              </Td>
              <Td className="text-ink-muted">
                {decision.policies.length > 0 ? (
                  <span className="flex flex-wrap gap-1">
                    {decision.policies.map((id) => (
                      <a
                        key={id}
                        href={`#policy-${id}`}
                        className="inline-flex min-h-6 items-center font-mono text-xs whitespace-nowrap text-accent hover:underline"
                      >
                        {id}
                      </a>
                    ))}
                  </span>
                ) : (
                  (codeWords[decision.code ?? ""] ?? "no policy applies")
                )}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  );
}

function EffectIcon({ effect }: { readonly effect: "permit" | "forbid" | null }) {
  if (effect === "forbid") return <ShieldBan className="size-4 shrink-0 text-deny" aria-hidden />;
  if (effect === "permit") return <ShieldCheck className="size-4 shrink-0 text-allow" aria-hidden />;
  return <Shield className="size-4 shrink-0 text-ink-faint" aria-hidden />;
}

/** The text of every policy that took part, as it stood then. */
export function DecidingPolicies({
  policies,
  version,
}: {
  readonly policies: RecordDetail["decidingPolicies"];
  readonly version: number | null;
}) {
  if (policies.length === 0) return null;
  return (
    <Panel
      flush
      title="Policies that decided"
      description={
        version === null ? "as they stood in the bundle that decided" : `as they stood in version ${version}`
      }
    >
      <ul>
        {policies.map((policy) => (
          <li key={policy.id} id={`policy-${policy.id}`} className="border-b border-line last:border-b-0">
            <details open={policies.length <= 3} className="group">
              <summary data-inset-focus="" className="flex list-none items-center gap-2 px-4 py-2.5 hover:bg-hover">
                <ChevronRight
                  className="size-3.5 shrink-0 text-ink-faint transition-transform group-open:rotate-90"
                  aria-hidden
                />
                <EffectIcon effect={policy.effect} />
                <span className="min-w-0 flex-1">
                  <code className="text-xs font-medium text-ink">{policy.id}</code>
                  {policy.description === null ? null : (
                    <span className="ml-2 text-ink-muted">{policy.description}</span>
                  )}
                </span>
                {policy.set === null ? null : <Badge>{policy.set}</Badge>}
                {policy.effect === null ? null : (
                  <Badge tone={policy.effect === "forbid" ? "bad" : "good"}>{policy.effect}</Badge>
                )}
              </summary>
              <div className="px-4 pb-4">
                {policy.text === null ? (
                  <p className="text-ink-muted">Its text is no longer kept.</p>
                ) : (
                  <CedarText text={policy.text} label={`Policy ${policy.id}`} />
                )}
              </div>
            </details>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
