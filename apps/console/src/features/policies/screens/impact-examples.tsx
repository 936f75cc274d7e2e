import Link from "next/link";
import { StatementLine } from "../../../ui/statement.tsx";
import { Time } from "../../../ui/time.tsx";
import type { Impact } from "../impact-schemas.ts";
import { FlipLabel } from "./flip-label.tsx";
import { entityName, type FlipKind } from "./flip-words.ts";

/** A few of the recorded exchanges that would end otherwise, each leading to its record. */
export function ImpactExamples({ impact, kind }: { readonly impact: Impact; readonly kind: FlipKind | null }) {
  const examples = (impact.result?.examples ?? []).filter((example) => kind === null || example.kind === kind);
  return (
    <section aria-label="Examples">
      <h3 className="pb-1.5 text-sm font-semibold text-ink">Examples</h3>
      <ul className="overflow-hidden rounded-md border border-line">
        {examples.map((example) => {
          const statement = impact.statements[example.recordId];
          return (
            <li key={`${example.recordId} ${example.kind}`} className="border-b border-line last:border-b-0">
              <Link
                href={`/audit/${example.recordId}`}
                target="_blank"
                data-inset-focus=""
                className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 px-3 py-2 hover:bg-hover"
              >
                <span className="min-w-0 truncate text-sm">
                  {statement === undefined || statement === "" ? (
                    <span className="text-ink">{example.resources.map((each) => entityName(each).id).join(", ")}</span>
                  ) : (
                    <StatementLine text={statement} />
                  )}
                </span>
                <FlipLabel kind={example.kind} />
                <span className="min-w-0 truncate text-xs text-ink-muted">
                  {entityName(example.principal).id}, <Time at={example.at} form="clock" />
                </span>
                <code className="min-w-0 truncate text-right text-xs text-ink-muted">
                  {example.policies.length === 0 ? "nothing permits it" : example.policies.join(", ")}
                </code>
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
