import { Check, ChevronRight, LoaderCircle, UserRoundCheck, X } from "lucide-react";
import type { ReactNode } from "react";
import type { Outputs } from "../../../client/api.tsx";

/** Where a publish stands: checked, its impact known, then published or asked for. */
export function PublishSteps({
  warnings,
  tests,
  pending,
  needsSecond,
}: {
  readonly warnings: number;
  /** the org's tests against this text; null until they have run */
  readonly tests: Outputs["policies"]["test"] | null;
  /** the impact is being computed */
  readonly pending: boolean;
  readonly needsSecond: boolean;
}) {
  const checked = warnings === 0 ? "Checks passed" : `Checks passed, ${warnings} to look at`;
  const failed = tests?.cases.filter(({ passed }) => !passed).length ?? 0;
  return (
    <ol className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm" aria-label="Steps">
      <Step icon={<Check className="size-4 text-allow" aria-hidden />}>{checked}</Step>
      {tests === null || tests.cases.length === 0 ? null : (
        <Step
          icon={
            failed > 0 ? (
              <X className="size-4 text-deny" aria-hidden />
            ) : (
              <Check className="size-4 text-allow" aria-hidden />
            )
          }
        >
          {failed > 0 ? `${failed} of ${tests.cases.length} tests fail` : `${tests.cases.length} tests pass`}
        </Step>
      )}
      <Step
        icon={
          pending ? (
            <LoaderCircle className="size-4 animate-spin text-accent" aria-hidden />
          ) : (
            <Check className="size-4 text-allow" aria-hidden />
          )
        }
      >
        {pending ? "Computing its impact…" : "Impact known"}
      </Step>
      <Step icon={needsSecond ? <UserRoundCheck className="size-4 text-ask" aria-hidden /> : null} last>
        {needsSecond ? "A second person publishes" : "Publish"}
      </Step>
    </ol>
  );
}

function Step({
  icon,
  last = false,
  children,
}: {
  readonly icon: ReactNode;
  readonly last?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <li className="inline-flex items-center gap-1.5 text-ink-muted">
      {icon}
      {children}
      {last ? null : <ChevronRight className="size-3.5 text-ink-faint" aria-hidden />}
    </li>
  );
}
