"use client";
import type { Outputs } from "../../../client/api.tsx";
import { Badge } from "../../../ui/badge.tsx";
import { DiffView, diffCounts } from "../../../ui/diff-view.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { SplitDiffView } from "../../../ui/split-diff-view.tsx";
import { useNarrow } from "../../../ui/use-narrow.ts";
import { policySetNameSchema } from "../schemas.ts";

type Diff = Outputs["policies"]["diff"];
/** How two texts are laid out. */
export type CompareView = "unified" | "side-by-side";

const changes = {
  added: { tone: "good", word: "added" },
  changed: { tone: "accent", word: "changed" },
  removed: { tone: "bad", word: "removed" },
} as const;

/** What one version changed against another. */
export function VersionDiff({ diff, view }: { readonly diff: Diff; readonly view: CompareView }) {
  return (
    <ChangeView
      changes={diff}
      view={view}
      against={`Version ${diff.to} against ${diff.from}`}
      nothing="Their texts and tests are the same."
    />
  );
}

/** What one state changes in another: the policies by name, then the lines of each set and of each file of tests. */
export function ChangeView({
  changes: { policies, sets, tests },
  view = "unified",
  against,
  nothing,
}: {
  readonly changes: Omit<Diff, "from" | "to">;
  readonly view?: CompareView;
  /** what is compared with what */
  readonly against: string;
  /** what to say when nothing differs */
  readonly nothing: string;
}) {
  const changed = policySetNameSchema.options.filter((set) => sets[set].before !== sets[set].after);
  if (changed.length + tests.length === 0) {
    return (
      <Panel>
        <p className="text-ink-muted">{nothing}</p>
      </Panel>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <Panel title="Policies that differ" description={against}>
        {policies.length === 0 ? (
          <p className="text-ink-muted">
            {changed.length === 0 ? "None: only tests differ." : "None: only comments or the layout differ."}
          </p>
        ) : (
          <ul className="flex flex-wrap gap-x-4 gap-y-1.5">
            {policies.map(({ id, set, change }) => (
              <li key={`${set} ${id}`} className="inline-flex flex-wrap items-center gap-1.5 text-sm">
                <Badge tone={changes[change].tone}>{changes[change].word}</Badge>
                <code className="text-xs wrap-anywhere">{id}</code>
                <span className="text-xs text-ink-muted">{set}</span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      {changed.map((set) => (
        <ChangedText key={set} name={set} {...sets[set]} view={view} />
      ))}
      {tests.map(({ file, before, after }) => (
        <ChangedText key={file} name={file} before={before} after={after} view={view} />
      ))}
    </div>
  );
}

function ChangedText({
  name,
  before,
  after,
  view,
}: {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly view: CompareView;
}) {
  const narrow = useNarrow();
  const Lines = view === "side-by-side" && !narrow ? SplitDiffView : DiffView;
  const counts = diffCounts(before, after);
  return (
    <Panel
      title={<span className="wrap-anywhere">{name}</span>}
      actions={
        <span className="flex gap-2 text-xs font-medium">
          <span className="text-allow">{counts.added} added</span>
          <span className="text-deny">{counts.removed} removed</span>
        </span>
      }
    >
      <Lines before={before} after={after} label={`Lines that differ in ${name}`} />
    </Panel>
  );
}
