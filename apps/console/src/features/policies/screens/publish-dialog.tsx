"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useMemo, useState } from "react";
import { failureText, type Outputs, useApi, useApiClient } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Field, Input } from "../../../ui/form.tsx";
import { Callout } from "../../../ui/states.tsx";
import { useToast } from "../../../ui/toast.tsx";
import { ChangedSets } from "./changed-sets.tsx";
import { ImpactView } from "./impact-view.tsx";
import { PublishSteps } from "./publish-steps.tsx";
import { SecondPerson } from "./second-person.tsx";
import { type Span, SpanPicker } from "./span-picker.tsx";
import { type LiveImpact, useImpact } from "./use-impact.ts";

type Current = Outputs["policies"]["current"];

interface Publishing {
  /** the version in force */
  readonly base: Pick<Current, "version" | "rollout" | "sets">;
  readonly sets: Current["sets"];
  /** the version whose text this is, when it is gone back to */
  readonly rollBackTo?: number;
  /** warnings of the check: they do not stop it */
  readonly warnings: number;
  readonly onOpenChange: (open: boolean) => void;
  readonly onPublished: (version: number) => Promise<void>;
}

/** Publishes a draft, or an old version's text, with its effect on recorded traffic and its change in view. */
export function PublishDialog({ open, ...rest }: Publishing & { readonly open: boolean }) {
  // what it shows is made anew each time it opens
  return open ? <OpenDialog {...rest} /> : null;
}

function OpenDialog({ base, sets, rollBackTo, warnings, onOpenChange, onPublished }: Publishing) {
  const [note, setNote] = useState(rollBackTo === undefined ? "" : `Roll back to version ${rollBackTo}`);
  const [span, setSpan] = useState<Span>({ span: "week" });
  // the week decides whether one person is enough; another span is for looking
  const ruled = useImpact(useMemo(() => ({ sets, span: "week" as const }), [sets]));
  const looked = useImpact(useMemo(() => (span.span === "week" ? null : { sets, ...span }), [sets, span]));
  const api = useApi();
  const tests = useQuery(api.policies.test.queryOptions({ sets }, { staleTime: 60_000, retry: false }));
  const rule = ruled.impact?.rule ?? null;
  const pending = isPending(ruled);
  const done = (): void => onOpenChange(false);
  const { ask, publish } = usePublish(done, onPublished);
  const wanted: Wanted =
    rollBackTo === undefined ? { sets, note, baseVersion: base.version } : { version: rollBackTo, note };
  const next = base.version + 1;
  const needsSecond = rule?.needsSecond ?? null;
  return (
    <Dialog
      open
      onOpenChange={onOpenChange}
      width="xl"
      title={
        rollBackTo === undefined
          ? `Publish version ${next}`
          : `Publish version ${next} with the text of version ${rollBackTo}`
      }
      description={`It replaces version ${base.version} on ${base.rollout.total} ${base.rollout.total === 1 ? "enforcer" : "enforcers"} within seconds. Open connections stay; their next statement is decided by it. You can roll back at any time.`}
      footer={
        <>
          <Button onClick={done} disabled={publish.isPending || ask.isPending}>
            Cancel
          </Button>
          {needsSecond !== null ? (
            <Button tone="primary" busy={ask.isPending} onClick={() => ask.mutate(wanted)}>
              Ask for a second person
            </Button>
          ) : (
            <Button tone="primary" busy={publish.isPending} disabled={pending} onClick={() => publish.mutate(wanted)}>
              Publish version {next}
            </Button>
          )}
        </>
      }
    >
      <div className="flex flex-col gap-5">
        <PublishSteps
          warnings={warnings}
          tests={tests.data ?? null}
          pending={pending}
          needsSecond={needsSecond !== null}
        />
        <Failures causes={[publish.error, ask.error]} />
        <Field label="What changes, and why" hint="Stands in the list of versions and in the audit log.">
          {(field) => (
            <Input {...field} value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
          )}
        </Field>
        {needsSecond === null ? null : <SecondPerson reason={needsSecond} />}
        <section aria-label="Impact on recorded traffic">
          <div className="flex flex-wrap items-center justify-between gap-2 pb-2">
            <h3 className="text-sm font-semibold text-ink">Impact on recorded traffic</h3>
            <SpanPicker value={span} onChange={setSpan} />
          </div>
          <ImpactView live={span.span === "week" ? ruled : looked} />
        </section>
        <ChangedSets before={base.sets} after={sets} />
      </div>
    </Dialog>
  );
}

type Wanted =
  | { readonly sets: Current["sets"]; readonly note: string; readonly baseVersion: number }
  | { readonly version: number; readonly note: string };

function isPending({ failure, impact }: LiveImpact): boolean {
  return failure === null && (impact === null || impact.status === "queued" || impact.status === "running");
}

function usePublish(done: () => void, onPublished: Publishing["onPublished"]) {
  const api = useApi();
  const toast = useToast();
  const router = useRouter();
  const client = useApiClient();
  const publish = useMutation({
    mutationFn: (wanted: Wanted) =>
      "sets" in wanted ? client.policies.publish.mutate(wanted) : client.policies.rollback.mutate(wanted),
    onSuccess: async ({ version }) => {
      done();
      toast({ tone: "good", title: `Version ${version} published`, detail: "Enforcers apply it within seconds." });
      await onPublished(version);
    },
  });
  const ask = useMutation(
    api.policies.requests.open.mutationOptions({
      onSuccess: ({ id }) => {
        done();
        toast({ tone: "good", title: "It waits for a second person", detail: "They have a day to decide." });
        router.push(`/policies/requests/${id}`);
      },
    }),
  );
  return { publish, ask };
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
