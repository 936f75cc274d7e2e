"use client";
import { ArrowLeftRight } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import type { Outputs } from "../../../client/api.tsx";
import { Badge } from "../../../ui/badge.tsx";
import { IconButton } from "../../../ui/button.tsx";
import { DiffView, diffCounts } from "../../../ui/diff-view.tsx";
import { Select } from "../../../ui/form.tsx";
import { PageHeader, Panel } from "../../../ui/panel.tsx";
import { SplitDiffView } from "../../../ui/split-diff-view.tsx";
import { useNarrow } from "../../../ui/use-narrow.ts";
import { policySetNameSchema } from "../schemas.ts";

type Diff = Outputs["policies"]["diff"];
/** How two versions are laid out. */
export type CompareView = "unified" | "side-by-side";

/** Any two versions against each other: which policies differ, then the lines. The address carries what is compared. */
export function VersionCompare({
  diff,
  view,
  versions,
}: {
  readonly diff: Diff;
  readonly view: CompareView;
  readonly versions: readonly Pick<Outputs["policies"]["versions"]["items"][number], "version" | "note" | "current">[];
}) {
  const router = useRouter();
  const [, start] = useTransition();
  const go = (from: number, to: number, next: CompareView): void =>
    start(() => router.replace(`/policies/versions/compare?from=${from}&to=${to}&view=${next}`, { scroll: false }));
  const pick = (label: string, value: number, onPick: (version: number) => void) => (
    <Select aria-label={label} value={value} onChange={(event) => onPick(Number(event.target.value))}>
      {versions.map((each) => (
        <option key={each.version} value={each.version}>
          v{each.version}
          {each.current ? ", in force" : ""}
          {each.note === "" ? "" : `: ${each.note.slice(0, 60)}`}
        </option>
      ))}
    </Select>
  );
  return (
    <>
      <PageHeader
        back={{ href: "/policies/versions", label: "Versions" }}
        title={`Version ${diff.from} against ${diff.to}`}
        description="What was taken away is red, what was added green."
      />
      <div className="flex flex-wrap items-center gap-2 pb-4">
        {pick("From version", diff.from, (version) => go(version, diff.to, view))}
        <IconButton label="Swap" onClick={() => go(diff.to, diff.from, view)}>
          <ArrowLeftRight aria-hidden />
        </IconButton>
        {pick("To version", diff.to, (version) => go(diff.from, version, view))}
        <Select
          aria-label="Layout"
          className="ml-auto"
          value={view}
          onChange={(event) =>
            go(diff.from, diff.to, event.target.value === "side-by-side" ? "side-by-side" : "unified")
          }
        >
          <option value="unified">Unified</option>
          <option value="side-by-side">Side by side</option>
        </Select>
      </div>
      <VersionDiff diff={diff} view={view} />
    </>
  );
}

const changes = {
  added: { tone: "good", word: "added" },
  changed: { tone: "accent", word: "changed" },
  removed: { tone: "bad", word: "removed" },
} as const;

/** What one version changed against another: the policies by name, then the lines of each set. */
export function VersionDiff({ diff, view }: { readonly diff: Diff; readonly view: CompareView }) {
  const narrow = useNarrow();
  const Lines = view === "side-by-side" && !narrow ? SplitDiffView : DiffView;
  const changed = policySetNameSchema.options.filter((set) => diff.sets[set].before !== diff.sets[set].after);
  if (changed.length === 0) {
    return (
      <Panel>
        <p className="text-ink-muted">Their texts are the same.</p>
      </Panel>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <Panel title="Policies that differ" description={`Version ${diff.to} against ${diff.from}`}>
        {diff.policies.length === 0 ? (
          <p className="text-ink-muted">None: only comments or the layout differ.</p>
        ) : (
          <ul className="flex flex-wrap gap-x-4 gap-y-1.5">
            {diff.policies.map(({ id, set, change }) => (
              <li key={`${set} ${id}`} className="inline-flex items-center gap-1.5 text-sm">
                <Badge tone={changes[change].tone}>{changes[change].word}</Badge>
                <code className="text-xs">{id}</code>
                <span className="text-xs text-ink-muted">{set}</span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      {changed.map((set) => {
        const { before, after } = diff.sets[set];
        const counts = diffCounts(before, after);
        return (
          <Panel
            key={set}
            title={set}
            actions={
              <span className="flex gap-2 text-xs font-medium">
                <span className="text-allow">{counts.added} added</span>
                <span className="text-deny">{counts.removed} removed</span>
              </span>
            }
          >
            <Lines before={before} after={after} label={`Lines that differ in ${set}`} />
          </Panel>
        );
      })}
    </div>
  );
}
