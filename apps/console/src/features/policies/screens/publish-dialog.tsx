"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { failureText, type Outputs, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Field, Input } from "../../../ui/form.tsx";
import { Callout } from "../../../ui/states.tsx";
import { ChangedSets } from "./changed-sets.tsx";
import { ChangedTests } from "./changed-tests.tsx";
import { FailingTests } from "./failing-tests.tsx";
import { ImpactView } from "./impact-view.tsx";
import { PublishSteps } from "./publish-steps.tsx";
import { SecondPerson } from "./second-person.tsx";
import { type Span, SpanPicker } from "./span-picker.tsx";
import type { Content } from "./use-draft.ts";
import { type LiveImpact, useImpact } from "./use-impact.ts";
import { type PublishSource, usePublish } from "./use-publish.ts";

type Current = Outputs["policies"]["current"];

interface Publishing {
  /** the version in force */
  readonly base: Pick<Current, "version" | "rollout" | "sets" | "tests">;
  readonly content: Content;
  readonly source: PublishSource;
  readonly note?: string;
  /** warnings of the check: they do not stop it */
  readonly warnings: number;
  readonly onOpenChange: (open: boolean) => void;
  readonly onPublished: (version: number) => Promise<void>;
}

/** Publishes a text, a draft or an old version, with its effect on recorded traffic, its tests and its change in view. */
export function PublishDialog({ open, ...rest }: Publishing & { readonly open: boolean }) {
  // what it shows is made anew each time it opens
  return open ? <OpenDialog {...rest} /> : null;
}

function OpenDialog({ base, content, source, note: given = "", warnings, onOpenChange, onPublished }: Publishing) {
  const { sets, tests } = content;
  const [note, setNote] = useState(given);
  const [reason, setReason] = useState("");
  const [span, setSpan] = useState<Span>({ span: "week" });
  // the week decides whether one person is enough; another span is for looking
  const ruled = useImpact(useMemo(() => ({ sets, span: "week" as const }), [sets]));
  const looked = useImpact(useMemo(() => (span.span === "week" ? null : { sets, ...span }), [sets, span]));
  const api = useApi();
  const run = useQuery(api.policies.test.queryOptions({ sets, tests }, { staleTime: 60_000, retry: false }));
  const pending = isPending(ruled);
  const done = (): void => onOpenChange(false);
  const { ask, publish } = usePublish(done, onPublished);
  const fails = run.data !== undefined && !run.data.passed;
  const wish = { source, note, ...(fails ? { overrideTests: reason.trim() } : {}) };
  const next = base.version + 1;
  const needsSecond = ruled.impact?.rule?.needsSecond ?? null;
  // the server refuses it in any case; a button that can only be refused would be a riddle
  const stopped = run.data === undefined ? run.error === null : fails && reason.trim() === "";
  const way = needsSecond === null ? publish : ask;
  return (
    <Dialog
      open
      onOpenChange={onOpenChange}
      width="xl"
      title={titleOf(source, next)}
      description={`It replaces version ${base.version} on ${base.rollout.total} ${base.rollout.total === 1 ? "enforcer" : "enforcers"} within seconds. Open connections stay; their next statement is decided by it. You can roll back at any time.`}
      footer={
        <>
          <Button onClick={done} disabled={publish.isPending || ask.isPending}>
            Cancel
          </Button>
          <Button
            tone={fails ? "danger" : "primary"}
            busy={way.isPending}
            disabled={stopped || (needsSecond === null && pending)}
            onClick={() => way.mutate(wish)}
          >
            {needsSecond === null ? `Publish version ${next}` : "Ask for a second person"}
            {fails ? " although tests fail" : ""}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5">
        <PublishSteps
          warnings={warnings}
          tests={run.data ?? null}
          pending={pending}
          needsSecond={needsSecond !== null}
        />
        <Failures causes={[publish.error, ask.error, run.error]} />
        <Field label="What changes, and why" hint="Stands in the list of versions and in the audit log.">
          {(field) => (
            <Input {...field} value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
          )}
        </Field>
        {run.data !== undefined && fails ? <FailingTests run={run.data} reason={reason} onReason={setReason} /> : null}
        {needsSecond === null ? null : <SecondPerson reason={needsSecond} />}
        <section aria-label="Impact on recorded traffic">
          <div className="flex flex-wrap items-center justify-between gap-2 pb-2">
            <h3 className="text-sm font-semibold text-ink">Impact on recorded traffic</h3>
            <SpanPicker value={span} onChange={setSpan} />
          </div>
          <ImpactView live={span.span === "week" ? ruled : looked} />
        </section>
        <ChangedSets before={base.sets} after={sets} />
        <ChangedTests before={base.tests} after={tests} />
      </div>
    </Dialog>
  );
}

function titleOf(source: PublishSource, next: number): string {
  switch (source.kind) {
    case "text":
      return `Publish version ${next}`;
    case "version":
      return `Publish version ${next} with the text of version ${source.version}`;
    case "draft":
      return `Publish draft ${source.number} as version ${next}`;
  }
}

function isPending({ failure, impact }: LiveImpact): boolean {
  return failure === null && (impact === null || impact.status === "queued" || impact.status === "running");
}

function Failures({ causes }: { readonly causes: readonly unknown[] }) {
  const cause = causes.find((each) => each !== null && each !== undefined);
  if (cause === undefined) return null;
  return (
    <Callout tone="bad" title="It was not published" live>
      {failureText(cause)}
    </Callout>
  );
}
