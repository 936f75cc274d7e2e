import { DiffView, diffCounts } from "../../../ui/diff-view.tsx";
import { type PolicySetName, policySetNameSchema } from "../schemas.ts";

type Sets = Readonly<Record<PolicySetName, string>>;

/** The sets whose text differs, line by line. */
export function ChangedSets({ before, after }: { readonly before: Sets; readonly after: Sets }) {
  return policySetNameSchema.options
    .filter((set) => before[set] !== after[set])
    .map((set) => {
      const counts = diffCounts(before[set], after[set]);
      return (
        <section key={set} aria-label={`Change of ${set}`}>
          <h3 className="flex items-center gap-2 pb-1.5 text-sm font-semibold text-ink">
            {set}
            <span className="text-xs font-medium text-allow">{counts.added} added</span>
            <span className="text-xs font-medium text-deny">{counts.removed} removed</span>
          </h3>
          <DiffView before={before[set]} after={after[set]} label={`Lines that change in ${set}`} />
        </section>
      );
    });
}
