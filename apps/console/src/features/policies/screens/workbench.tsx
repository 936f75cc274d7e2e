"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCcw, WandSparkles } from "lucide-react";
import { useMemo, useState } from "react";
import { type Outputs, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { TabPanel, Tabs } from "../../../ui/tabs.tsx";
import type { PolicyProblem, PolicySetName } from "../schemas.ts";
import { completePolicy } from "./complete-policy.ts";
import { policySets } from "./policy-sets.ts";
import { PublishDialog } from "./publish-dialog.tsx";
import { SetEditor } from "./set-editor.tsx";
import { ChangedDot, SetNote } from "./set-note.tsx";
import { TestsPanel } from "./tests-panel.tsx";
import { type Content, type Draft, useDraft } from "./use-draft.ts";
import { WaitingRequests } from "./waiting-requests.tsx";
import { NewerVersion, WorkbenchHeader } from "./workbench-header.tsx";

const refreshMs = 2_000;
/** What the page shows: one of the sets, or how its tests go. */
type Place = PolicySetName | "tests";
const noProblems: readonly PolicyProblem[] = [];

/** What the page starts with. */
interface Given {
  readonly first: Outputs["policies"]["current"];
  readonly vocabulary: Outputs["policies"]["vocabulary"];
  readonly mayWrite: boolean;
  /** what was tried or kept elsewhere, to go on with */
  readonly candidate?: Content | undefined;
}

/** Where policy is written: three texts, errors in place as one types, and a way to publish with the change in view. */
export function Workbench({ first, vocabulary, mayWrite, candidate }: Given) {
  const api = useApi();
  const queries = useQueryClient();
  const [set, setSet] = useState<Place>("guardrails");
  const [publishing, setPublishing] = useState(false);
  // what the editors started from; a newer version published elsewhere is shown, not forced on the text
  const [base, setBase] = useState(first);
  const { data: current } = useQuery(
    api.policies.current.queryOptions(undefined, { initialData: first, refetchInterval: refreshMs }),
  );
  const draft = useDraft(base, candidate);
  const problems = draft.checked?.problems ?? noProblems;
  const errors = problems.some((problem) => problem.severity === "error");
  return (
    <>
      <WorkbenchHeader
        about={
          policySets.find((each) => each.id === set)?.about ?? "What must be allowed and refused, run against the text."
        }
        current={current}
        publish={
          mayWrite
            ? {
                ready: draft.dirty && !errors && !draft.checking,
                content: draft,
                baseVersion: base.version,
                open: () => setPublishing(true),
              }
            : null
        }
      />
      <WaitingRequests />
      {current.version > base.version ? (
        <NewerVersion
          current={current}
          dirty={draft.dirty}
          onTake={() => {
            if (!draft.dirty) draft.take(current);
            setBase(current);
          }}
        />
      ) : null}
      <Editors set={set} onSet={setSet} draft={draft} base={base} vocabulary={vocabulary} mayWrite={mayWrite} />
      <PublishDialog
        open={publishing}
        onOpenChange={setPublishing}
        base={base}
        content={draft}
        source={{ kind: "text", sets: draft.sets, tests: draft.tests, baseVersion: base.version }}
        warnings={problems.length}
        onPublished={async (version) => {
          setBase({ ...base, version, sets: draft.sets, tests: draft.tests });
          await queries.invalidateQueries({ queryKey: api.policies.pathKey() });
        }}
      />
    </>
  );
}

/** The three texts in tabs, with the list of policies beside and the problems below. */
function Editors({
  set,
  onSet,
  draft,
  base,
  vocabulary,
  mayWrite,
}: {
  readonly set: Place;
  readonly onSet: (set: Place) => void;
  readonly draft: Draft;
  readonly base: Given["first"];
} & Omit<Given, "first">) {
  const [goTo, setGoTo] = useState<{ readonly offset: number } | null>(null);
  const complete = useMemo(() => completePolicy(vocabulary), [vocabulary]);
  const problems = draft.checked?.problems ?? noProblems;
  const policies = draft.checked?.policies ?? base.policies;
  const jump = (to: PolicySetName, offset: number): void => {
    onSet(to);
    setGoTo({ offset });
  };
  const jumpToPolicy = (id: string): void => {
    const found = policies.find((policy) => policy.id === id);
    if (found !== undefined) jump(found.set, Math.max(0, draft.sets[found.set].indexOf(`@id("${id}")`)));
  };
  return (
    <Tabs<Place>
      label="Policy sets"
      value={set}
      onChange={(next) => {
        onSet(next);
        setGoTo(null);
      }}
      tabs={[
        ...policySets.map(({ id, label }) => ({
          id,
          label,
          note: <SetNote set={id} problems={problems} changed={draft.sets[id] !== base.sets[id]} />,
        })),
        { id: "tests", label: "Tests", note: draft.testsDirty ? <ChangedDot /> : null },
      ]}
      after={mayWrite ? <EditorActions draft={draft} set={set} /> : null}
    >
      <TabPanel id={set}>
        {set === "tests" ? (
          <TestsPanel
            draft={draft}
            base={base}
            policies={policies}
            vocabulary={vocabulary}
            valid={!draft.checking && !problems.some(({ severity }) => severity === "error")}
            mayWrite={mayWrite}
            onPickPolicy={jumpToPolicy}
          />
        ) : (
          <SetEditor
            set={set}
            draft={draft}
            policies={policies}
            complete={complete}
            mayWrite={mayWrite}
            goTo={goTo}
            onJump={jump}
          />
        )}
      </TabPanel>
    </Tabs>
  );
}

function EditorActions({ draft, set }: { readonly draft: Draft; readonly set: Place }) {
  return (
    <div className="flex shrink-0 pb-1 sm:gap-1">
      {set === "tests" ? null : (
        <Button size="sm" tone="quiet" icon={<WandSparkles aria-hidden />} onClick={() => void draft.format(set)}>
          <span className="max-sm:sr-only">Format</span>
        </Button>
      )}
      {draft.dirty ? (
        <Button size="sm" tone="quiet" icon={<RotateCcw aria-hidden />} onClick={draft.reset}>
          <span className="max-sm:sr-only">Discard</span>
        </Button>
      ) : null}
    </div>
  );
}
