"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCcw, WandSparkles } from "lucide-react";
import { useMemo, useState } from "react";
import { type Outputs, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { PolicyEditor } from "../../../ui/policy-editor.tsx";
import { TabPanel, Tabs } from "../../../ui/tabs.tsx";
import type { PolicyProblem, PolicySetName } from "../schemas.ts";
import { completePolicy } from "./complete-policy.ts";
import { Outline } from "./outline.tsx";
import { policySets } from "./policy-sets.ts";
import { ProblemBar } from "./problem-bar.tsx";
import { PublishDialog } from "./publish-dialog.tsx";
import { SetNote } from "./set-note.tsx";
import { type Draft, useDraft } from "./use-draft.ts";
import { WaitingRequests } from "./waiting-requests.tsx";
import { NewerVersion, WorkbenchHeader } from "./workbench-header.tsx";

const refreshMs = 2_000;
const noProblems: readonly PolicyProblem[] = [];

/** What the page starts with. */
interface Given {
  readonly first: Outputs["policies"]["current"];
  readonly vocabulary: Outputs["policies"]["vocabulary"];
  readonly mayWrite: boolean;
}

/** Where policy is written: three texts, errors in place as one types, and a way to publish with the change in view. */
export function Workbench({ first, vocabulary, mayWrite }: Given) {
  const api = useApi();
  const queries = useQueryClient();
  const [set, setSet] = useState<PolicySetName>("guardrails");
  const [publishing, setPublishing] = useState(false);
  // what the editors started from; a newer version published elsewhere is shown, not forced on the text
  const [base, setBase] = useState(first);
  const { data: current } = useQuery(
    api.policies.current.queryOptions(undefined, { initialData: first, refetchInterval: refreshMs }),
  );
  const draft = useDraft(base.sets);
  const problems = draft.checked?.problems ?? noProblems;
  const errors = problems.some((problem) => problem.severity === "error");
  return (
    <>
      <WorkbenchHeader
        about={policySets.find((each) => each.id === set)?.about ?? ""}
        current={current}
        publish={
          mayWrite
            ? { ready: draft.dirty && !errors && !draft.checking, sets: draft.sets, open: () => setPublishing(true) }
            : null
        }
      />
      <WaitingRequests />
      {current.version > base.version ? (
        <NewerVersion
          current={current}
          dirty={draft.dirty}
          onTake={() => {
            if (!draft.dirty) draft.take(current.sets);
            setBase(current);
          }}
        />
      ) : null}
      <Editors set={set} onSet={setSet} draft={draft} base={base} vocabulary={vocabulary} mayWrite={mayWrite} />
      <PublishDialog
        open={publishing}
        onOpenChange={setPublishing}
        base={base}
        sets={draft.sets}
        warnings={problems.length}
        onPublished={async (version) => {
          setBase({ ...base, version, sets: draft.sets });
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
  readonly set: PolicySetName;
  readonly onSet: (set: PolicySetName) => void;
  readonly draft: Draft;
  readonly base: Given["first"];
} & Omit<Given, "first">) {
  const [goTo, setGoTo] = useState<{ readonly offset: number } | null>(null);
  const complete = useMemo(() => completePolicy(vocabulary), [vocabulary]);
  const problems = draft.checked?.problems ?? noProblems;
  const shown = useMemo(() => problems.filter((problem) => problem.set === set), [problems, set]);
  const jump = (to: PolicySetName, offset: number): void => {
    onSet(to);
    setGoTo({ offset });
  };
  return (
    <Tabs<PolicySetName>
      label="Policy sets"
      value={set}
      onChange={(next) => {
        onSet(next);
        setGoTo(null);
      }}
      tabs={policySets.map(({ id, label }) => ({
        id,
        label,
        note: <SetNote set={id} problems={problems} changed={draft.sets[id] !== base.sets[id]} />,
      }))}
      after={mayWrite ? <EditorActions draft={draft} set={set} /> : null}
    >
      <TabPanel id={set}>
        <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_18rem]">
          <div className="flex h-[calc(100dvh-14rem)] min-h-96 flex-col overflow-hidden rounded-lg border border-line bg-surface shadow-card">
            <div className="min-h-0 flex-1">
              <PolicyEditor
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
              onPick={(problem) => jump(problem.set, problem.from)}
            />
          </div>
          <Outline
            policies={(draft.checked?.policies ?? base.policies).filter((policy) => policy.set === set)}
            text={draft.sets[set]}
            onPick={(offset) => jump(set, offset)}
          />
        </div>
      </TabPanel>
    </Tabs>
  );
}

function EditorActions({ draft, set }: { readonly draft: Draft; readonly set: PolicySetName }) {
  return (
    <div className="flex shrink-0 gap-1 pb-1">
      <Button size="sm" tone="quiet" icon={<WandSparkles aria-hidden />} onClick={() => void draft.format(set)}>
        Format
      </Button>
      {draft.dirty ? (
        <Button size="sm" tone="quiet" icon={<RotateCcw aria-hidden />} onClick={draft.reset}>
          Discard
        </Button>
      ) : null}
    </div>
  );
}
