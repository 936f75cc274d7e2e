import { CircleCheck, CircleDashed, CircleX } from "lucide-react";
import { Exact } from "../../../ui/exact.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { Time } from "../../../ui/time.tsx";
import type { ApprovalDetail } from "../schemas.ts";

/** Who must say yes, how many have, and what each said. */
export function StepsView({ approval }: { readonly approval: ApprovalDetail }) {
  return (
    <Panel title="Who must say yes">
      <ol className="flex flex-col gap-2.5">
        {approval.steps.map((step) => {
          const done = step.approvedBy.length >= step.needed;
          const Icon = done ? CircleCheck : CircleDashed;
          return (
            <li key={`${step.workflow} ${step.group}`} className="flex gap-2.5">
              <Icon className={`mt-0.5 size-4 shrink-0 ${done ? "text-allow" : "text-ink-faint"}`} aria-hidden />
              <span>
                <span className="block text-ink">
                  {step.approvedBy.length} of {step.needed} from <strong className="font-medium">{step.group}</strong>
                </span>
                <span className="block text-xs text-ink-muted">workflow {step.workflow}</span>
              </span>
            </li>
          );
        })}
      </ol>
      {approval.decisions.length === 0 ? null : (
        <ul className="mt-3 flex flex-col gap-2.5 border-t border-line pt-3">
          {approval.decisions.map((decision) => {
            const Icon = decision.approved ? CircleCheck : CircleX;
            return (
              <li key={`${decision.by.handle} ${decision.at}`} className="flex gap-2.5">
                <Icon
                  className={`mt-0.5 size-4 shrink-0 ${decision.approved ? "text-allow" : "text-deny"}`}
                  aria-hidden
                />
                <span className="min-w-0">
                  <span className="block text-ink">
                    <strong className="font-medium">{decision.by.handle}</strong>{" "}
                    {decision.approved ? "approved" : "refused"}{" "}
                    <span className="text-ink-muted">
                      <Time at={decision.at} form="relative" />
                    </span>
                  </span>
                  {decision.reason === "" ? null : (
                    <span className="block text-ink-muted">
                      “<Exact text={decision.reason} />”
                    </span>
                  )}
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}
