import { CircleHelp, Users } from "lucide-react";
import type { Outputs } from "../../../client/api.tsx";
import { Principal } from "../../../ui/avatar.tsx";
import { Badge } from "../../../ui/badge.tsx";
import { CedarText } from "../../../ui/cedar-text.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { Columns, Table, Td, Tr } from "../../../ui/table.tsx";
import { Verdict } from "../../../ui/verdict.tsx";

type Explanation = Outputs["policies"]["explain"];

/** Everybody who could, with what each would get; says so when nobody could. */
export function WhoCanAnswer({ answer }: { readonly answer: Outputs["policies"]["whoCan"] }) {
  if (answer.principals.length === 0) {
    return (
      <Panel flush>
        <EmptyState icon={<Users />} title="Nobody">
          None of {answer.considered} principals would be allowed, not even after an approval.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <Panel flush title={`${answer.principals.length} of ${answer.considered} principals`}>
      <Table label="Who can">
        <Columns names={["Who", "Verdict", "Asks", "Because of"]} />
        <tbody>
          {answer.principals.map((each) => (
            <Tr key={`${each.type} ${each.handle}`}>
              <Td>
                <Principal type={each.type} handle={each.handle} name={each.name} onBehalfOf={each.onBehalfOf} />
              </Td>
              <Td>
                <Verdict kind={each.verdict} plain />
              </Td>
              <Td className="text-ink-muted">{each.workflows.join(", ")}</Td>
              <Td className="font-mono text-xs">{each.policies.join(", ")}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  );
}

/** The verdict for one principal, what it rests on, and what would have allowed it. */
export function ExplainAnswer({ answer }: { readonly answer: Explanation }) {
  const decided = answer.policies.filter((policy) => answer.determining.includes(policy.id));
  const others = answer.policies.filter((policy) => !answer.determining.includes(policy.id));
  return (
    <>
      <Panel>
        <div className="flex flex-wrap items-center gap-2.5">
          <Verdict kind={answer.verdict} />
          <span className="text-ink">
            {answer.workflows.length === 0 ? "" : `Asks ${answer.workflows.join(", ")}. `}
            {answer.onBehalfOf === null
              ? ""
              : `Decided for the agent and for ${answer.onBehalfOf}; the stricter answer counts.`}
          </span>
        </div>
        {answer.wouldAllow.length === 0 ? null : (
          <div className="mt-3 border-t border-line pt-3">
            <h2 className="flex items-center gap-1.5 text-sm font-semibold">
              <CircleHelp className="size-4 text-accent" aria-hidden />
              What would allow it
            </h2>
            <ul className="mt-1 list-disc space-y-0.5 pl-6">
              {answer.wouldAllow.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </div>
        )}
      </Panel>
      {decided.length === 0 ? null : <PolicyList title="Policies that decide" policies={decided} open />}
      {answer.leftOut.length === 0 ? null : (
        <p className="text-sm text-ink-muted">Left out: {answer.leftOut.join("; ")}.</p>
      )}
      {others.length === 0 ? null : <PolicyList title="Other policies that were read" policies={others} open={false} />}
    </>
  );
}

const outcomes = {
  satisfied: { tone: "accent", word: "applies" },
  not_satisfied: { tone: "neutral", word: "does not apply" },
  error: { tone: "bad", word: "failed" },
} as const;

function PolicyList({
  title,
  policies,
  open,
}: {
  readonly title: string;
  readonly policies: Explanation["policies"];
  readonly open: boolean;
}) {
  return (
    <Panel flush title={title}>
      <ul>
        {policies.map((policy) => (
          <li key={policy.id} className="border-b border-line last:border-b-0">
            <details open={open}>
              <summary
                data-inset-focus=""
                className="flex list-none flex-wrap items-center gap-2 px-4 py-2.5 hover:bg-hover"
              >
                <code className="text-xs font-medium text-ink">{policy.id}</code>
                <span className="min-w-0 flex-1 text-ink-muted">{policy.description}</span>
                <Badge>{policy.set}</Badge>
                <Badge tone={outcomes[policy.outcome].tone}>{outcomes[policy.outcome].word}</Badge>
              </summary>
              <div className="flex flex-col gap-2 px-4 pb-4">
                <CedarText text={policy.text} label={`Policy ${policy.id}`} />
                {policy.reads.length === 0 ? null : (
                  <p className="flex flex-wrap gap-1">
                    <span className="text-xs text-ink-muted">It read</span>
                    {policy.reads.map((fact) => (
                      <Badge key={fact} mono>
                        {fact}
                      </Badge>
                    ))}
                  </p>
                )}
              </div>
            </details>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
