"use client";
import { useMemo } from "react";
import type { Outputs } from "../../../client/api.tsx";
import { CodeEditor, type CompleteWord } from "../../../ui/code-editor.tsx";
import type { PolicyProblem, PolicySetName } from "../schemas.ts";
import { Outline } from "./outline.tsx";
import { ProblemBar } from "./problem-bar.tsx";
import type { Draft } from "./use-draft.ts";

const noProblems: readonly PolicyProblem[] = [];

/** One set's text with its errors in place, the whole draft's problems below, and the set's policies beside. */
export function SetEditor({
  set,
  draft,
  policies,
  complete,
  mayWrite,
  goTo,
  onJump,
}: {
  readonly set: PolicySetName;
  readonly draft: Draft;
  readonly policies: Outputs["policies"]["current"]["policies"];
  readonly complete: CompleteWord;
  readonly mayWrite: boolean;
  readonly goTo: { readonly offset: number } | null;
  readonly onJump: (set: PolicySetName, offset: number) => void;
}) {
  const problems = draft.checked?.problems ?? noProblems;
  const shown = useMemo(() => problems.filter((problem) => problem.set === set), [problems, set]);
  return (
    <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_18rem]">
      <div className="flex h-[calc(100dvh-14rem)] min-h-96 flex-col overflow-hidden rounded-lg border border-line bg-surface shadow-card">
        <div className="min-h-0 flex-1">
          <CodeEditor
            key={set}
            label={`${set} policies`}
            text={draft.sets[set]}
            problems={shown}
            readOnly={!mayWrite}
            goTo={goTo}
            onChange={(text) => draft.change(set, text)}
            onSave={() => void draft.format(set)}
            complete={complete}
          />
        </div>
        <ProblemBar
          problems={problems}
          checking={draft.checking}
          failure={draft.failure}
          onPick={(problem) => onJump(problem.set, problem.from)}
        />
      </div>
      <Outline
        policies={policies.filter((policy) => policy.set === set)}
        text={draft.sets[set]}
        onPick={(offset) => onJump(set, offset)}
      />
    </div>
  );
}
