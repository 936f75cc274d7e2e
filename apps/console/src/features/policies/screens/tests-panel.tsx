"use client";
import { Play } from "lucide-react";
import { useMemo, useState } from "react";
import type { Outputs } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Callout, Skeleton } from "../../../ui/states.tsx";
import { completeTest } from "./complete-test.ts";
import { TestEditor } from "./test-editor.tsx";
import { ENTITIES_FILE, firstTest, remarkAt, testFileOf } from "./test-file.ts";
import { TestFileList } from "./test-file-list.tsx";
import { TestCoverage, type TestPlace, TestResults } from "./test-results.tsx";
import type { Content, Draft } from "./use-draft.ts";
import { type LiveTests, useTests } from "./use-tests.ts";

type Policies = Outputs["policies"]["current"]["policies"];

/** The files of tests beside the policies: written here, run against the draft as it stands, with what they cover. */
export function TestsPanel({
  draft,
  base,
  policies,
  vocabulary,
  valid,
  mayWrite,
  onPickPolicy,
}: {
  readonly draft: Draft;
  readonly base: Content;
  readonly policies: Policies;
  readonly vocabulary: Outputs["policies"]["vocabulary"];
  /** a draft with errors cannot be run */
  readonly valid: boolean;
  readonly mayWrite: boolean;
  readonly onPickPolicy: (policyId: string) => void;
}) {
  const live = useTests(draft, valid);
  const [picked, setPicked] = useState<string | null>(null);
  const [goTo, setGoTo] = useState<{ readonly offset: number } | null>(null);
  const complete = useMemo(
    () =>
      completeTest(
        vocabulary,
        policies.map(({ id }) => id),
      ),
    [vocabulary, policies],
  );
  const file = picked !== null && picked in draft.tests ? picked : (Object.keys(draft.tests).toSorted()[0] ?? null);
  const pick = (name: string, place?: TestPlace): void => {
    setPicked(name);
    setGoTo(place === undefined ? null : { offset: remarkAt(draft.tests[name] ?? "", place, "").from });
  };
  /** A file, or the tests of a policy. */
  const add = (what: string): void => {
    const policy = policies.find(({ id }) => id === what);
    const name = policy === undefined ? what : testFileOf(policy);
    if (!(name in draft.tests)) draft.changeTest(name, name === ENTITIES_FILE ? "[]\n" : firstTest(policy?.id));
    pick(name);
  };
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[16rem_minmax(0,1fr)] xl:grid-cols-[18rem_minmax(0,1fr)]">
      <div className="flex min-w-0 flex-col gap-4">
        <TestFileList
          files={draft.tests}
          published={base.tests}
          run={live.run}
          picked={file}
          onPick={pick}
          onAdd={mayWrite ? add : null}
        />
        {live.run === undefined ? null : (
          <div className="max-lg:hidden">
            <Coverage run={live.run} onAdd={mayWrite ? add : null} onPickPolicy={onPickPolicy} />
          </div>
        )}
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        {file === null ? null : (
          <TestEditor
            key={file}
            file={file}
            text={draft.tests[file] ?? ""}
            run={live.run}
            goTo={goTo}
            complete={complete}
            onChange={mayWrite ? (text) => draft.changeTest(file, text) : null}
            onRemove={() => draft.changeTest(file, null)}
          />
        )}
        <Results live={live} file={file ?? undefined} valid={valid} onPick={(place) => pick(place.file, place)} />
        {live.run === undefined ? null : (
          <div className="lg:hidden">
            <Coverage run={live.run} onAdd={mayWrite ? add : null} onPickPolicy={onPickPolicy} />
          </div>
        )}
      </div>
    </div>
  );
}

function Coverage({
  run,
  onAdd,
  onPickPolicy,
}: {
  readonly run: NonNullable<LiveTests["run"]>;
  readonly onAdd: ((policyId: string) => void) | null;
  readonly onPickPolicy: (policyId: string) => void;
}) {
  return (
    <TestCoverage
      run={run}
      action={(id) => (
        <>
          <Button size="sm" tone="quiet" aria-label={`Show ${id}`} onClick={() => onPickPolicy(id)}>
            Show
          </Button>
          {onAdd === null ? null : (
            <Button size="sm" tone="quiet" aria-label={`Write a test of ${id}`} onClick={() => onAdd(id)}>
              Test
            </Button>
          )}
        </>
      )}
    />
  );
}

function Results({
  live,
  file,
  valid,
  onPick,
}: {
  readonly live: LiveTests;
  readonly file: string | undefined;
  readonly valid: boolean;
  readonly onPick: (place: TestPlace) => void;
}) {
  if (!valid) {
    return (
      <Callout tone="warn" title="The policies have errors, or are being checked">
        Tests run once they are valid: correct the places that are marked in the sets.
      </Callout>
    );
  }
  if (live.failure !== null) {
    return (
      <Callout
        tone="bad"
        title="The tests could not be run"
        live
        action={
          <Button size="sm" onClick={live.again}>
            Try again
          </Button>
        }
      >
        {live.failure}
      </Callout>
    );
  }
  if (live.run === undefined) return <Skeleton className="h-40" />;
  return (
    <TestResults
      run={live.run}
      nearFiles={file === undefined ? [] : [file]}
      onPick={onPick}
      actions={
        <Button size="sm" tone="quiet" icon={<Play aria-hidden />} busy={live.busy} onClick={live.again}>
          Run tests
        </Button>
      }
    />
  );
}
