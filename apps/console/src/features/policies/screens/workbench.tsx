"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { History, Rocket, RotateCcw, WandSparkles } from "lucide-react";
import { useMemo, useState } from "react";
import { type Outputs, useApi } from "../../../client/api.tsx";
import { Badge } from "../../../ui/badge.tsx";
import { Button, ButtonLink } from "../../../ui/button.tsx";
import { PageHeader } from "../../../ui/panel.tsx";
import { PolicyEditor } from "../../../ui/policy-editor.tsx";
import { Callout } from "../../../ui/states.tsx";
import { TabPanel, Tabs } from "../../../ui/tabs.tsx";
import type { PolicyProblem, PolicySetName } from "../schemas.ts";
import { completePolicy } from "./complete-policy.ts";
import { Outline } from "./outline.tsx";
import { ProblemBar } from "./problem-bar.tsx";
import { PublishDialog } from "./publish-dialog.tsx";
import { useDraft } from "./use-draft.ts";

const refreshMs = 2_000;

/** The three sets, what each is for, and the words of an empty one. */
export const policySets: readonly { readonly id: PolicySetName; readonly label: string; readonly about: string }[] = [
  { id: "guardrails", label: "Guardrails", about: "What the org forbids, or asks a person about, whoever it is." },
  { id: "access", label: "Access", about: "Who may do what. Nothing is allowed that no policy here permits." },
  {
    id: "obligations",
    label: "Obligations",
    about: "What an allowed exchange must still do: limits, masks, recording.",
  },
];

const noProblems: readonly PolicyProblem[] = [];

function RolloutBadge({ current }: { readonly current: Outputs["policies"]["current"] }) {
  const { applied, total } = current.rollout;
  return (
    <Badge tone={applied === total ? "good" : "warn"}>
      v{current.version} applied by {applied} of {total} {total === 1 ? "enforcer" : "enforcers"}
    </Badge>
  );
}

/** Where policy is written: three texts, errors in place as one types, and a way to publish with the change in view. */
export function Workbench({
  first,
  vocabulary,
  mayWrite,
}: {
  readonly first: Outputs["policies"]["current"];
  readonly vocabulary: Outputs["policies"]["vocabulary"];
  readonly mayWrite: boolean;
}) {
  const api = useApi();
  const queries = useQueryClient();
  const [set, setSet] = useState<PolicySetName>("guardrails");
  const [goTo, setGoTo] = useState<{ readonly offset: number } | null>(null);
  const [publishing, setPublishing] = useState(false);
  // what the editors started from; a newer version published elsewhere is shown, not forced on the text
  const [base, setBase] = useState(first);
  const { data: current } = useQuery(
    api.policies.current.queryOptions(undefined, { initialData: first, refetchInterval: refreshMs }),
  );
  const draft = useDraft(base.sets);
  const complete = useMemo(() => completePolicy(vocabulary), [vocabulary]);
  const problems = draft.checked?.problems ?? noProblems;
  const shownProblems = useMemo(() => problems.filter((problem) => problem.set === set), [problems, set]);
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const jump = (to: PolicySetName, offset: number): void => {
    setSet(to);
    setGoTo({ offset });
  };
  return (
    <>
      <PageHeader
        title="Policies"
        description={policySets.find((each) => each.id === set)?.about}
        actions={
          <>
            <RolloutBadge current={current} />
            <ButtonLink href="/policies/versions" icon={<History aria-hidden />}>
              Versions
            </ButtonLink>
            {mayWrite ? (
              <Button
                tone="primary"
                icon={<Rocket aria-hidden />}
                disabled={!draft.dirty || errors > 0 || draft.checking}
                onClick={() => setPublishing(true)}
              >
                Publish…
              </Button>
            ) : null}
          </>
        }
      />
      {current.version > base.version ? (
        <div className="pb-4">
          <Callout
            tone="info"
            title={`Version ${current.version} was published by ${current.author?.handle ?? "somebody"} meanwhile`}
            action={
              <Button size="sm" onClick={() => setBase(current)}>
                {draft.dirty ? "Compare with it" : "Show it"}
              </Button>
            }
          >
            {current.note === "" ? "What you publish must start from it." : current.note}
          </Callout>
        </div>
      ) : null}
      <Tabs<PolicySetName>
        label="Policy sets"
        value={set}
        onChange={(next) => {
          setSet(next);
          setGoTo(null);
        }}
        tabs={policySets.map((each) => ({
          id: each.id,
          label: each.label,
          note: <SetNote set={each.id} problems={problems} changed={draft.sets[each.id] !== base.sets[each.id]} />,
        }))}
        after={
          mayWrite ? (
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
          ) : null
        }
      >
        <TabPanel id={set}>
          <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_18rem]">
            <div className="flex h-[calc(100dvh-15rem)] min-h-96 flex-col overflow-hidden rounded-lg border border-line bg-surface shadow-card">
              <div className="min-h-0 flex-1">
                <PolicyEditor
                  key={set}
                  label={`${set} policies`}
                  text={draft.sets[set]}
                  problems={shownProblems}
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
      <PublishDialog
        open={publishing}
        onOpenChange={setPublishing}
        base={base}
        sets={draft.sets}
        onPublished={async (version) => {
          setBase({ ...base, version, sets: draft.sets });
          await queries.invalidateQueries({ queryKey: api.policies.pathKey() });
        }}
      />
    </>
  );
}

function SetNote({
  set,
  problems,
  changed,
}: {
  readonly set: PolicySetName;
  readonly problems: readonly PolicyProblem[];
  readonly changed: boolean;
}) {
  const errors = problems.filter((problem) => problem.set === set && problem.severity === "error").length;
  if (errors > 0) {
    return (
      <span className="rounded-full bg-deny-soft px-1.5 text-xs text-deny tabular-nums">
        {errors}
        <span className="sr-only">{errors === 1 ? " error" : " errors"}</span>
      </span>
    );
  }
  if (!changed) return null;
  return (
    <span className="size-1.5 rounded-full bg-accent">
      <span className="sr-only">changed</span>
    </span>
  );
}
