import { Callout } from "../../../ui/states.tsx";
import type { RunDetail } from "../schemas.ts";
import { countByKind, flipWords } from "./flip-words.ts";

/** The answer that one opens the page for: what would change if this were published, and how sure that is. */
export function RunAnswer({ run }: { readonly run: RunDetail }) {
  const { totals, groups, enforcers } = run;
  const absent = enforcers.filter(({ state }) => ["too_old", "offline", "refused", "failed"].includes(state));
  return (
    <div className="flex flex-col gap-3">
      {totals.flips > 0 ? (
        <Callout
          tone="warn"
          title={`${number(totals.flips)} of ${number(totals.decided)} exchanges would be answered differently`}
        >
          <ul>
            {countByKind(groups).map(({ kind, count }) => (
              <li key={kind}>
                {number(count)} {flipWords[kind].long}
              </li>
            ))}
            {totals.ungrouped > 0 ? (
              <li>{number(totals.ungrouped)} more are of too many different kinds to list</li>
            ) : null}
          </ul>
        </Callout>
      ) : totals.decided > 0 ? (
        <Callout tone="good" title={`None of ${number(totals.decided)} exchanges would be answered differently`}>
          {run.state === "running" ? "So far." : "Only what happened meanwhile was decided."}
        </Callout>
      ) : (
        <Callout tone="info" title={run.state === "running" ? "Nothing was decided yet" : "Nothing was decided"}>
          {run.state === "running"
            ? "As soon as somebody acts through an enforcer that takes part, it shows here."
            : "Nobody acted through an enforcer that took part."}
        </Callout>
      )}
      {absent.length === 0 ? null : (
        <Callout
          tone="warn"
          title={`${absent.length} of ${enforcers.length} ${absent.length === 1 ? "enforcer does" : "enforcers do"} not run the candidate`}
        >
          <ul>
            {absent.map(({ id, name, problem }) => (
              <li key={id}>
                {name}: {problem}
              </li>
            ))}
          </ul>
        </Callout>
      )}
    </div>
  );
}

const number = (value: number) => value.toLocaleString("en");
