"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { failureText, type Outputs, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Field, Input } from "../../../ui/form.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { Callout } from "../../../ui/states.tsx";
import { Time } from "../../../ui/time.tsx";
import { useToast } from "../../../ui/toast.tsx";
import { updateRuleInputSchema } from "../request-schemas.ts";

type Rule = Outputs["policies"]["rule"]["get"];

/** How large a change of policy one person may publish alone. */
export function PublishRule({ first, mayWrite }: { readonly first: Rule; readonly mayWrite: boolean }) {
  const api = useApi();
  const toast = useToast();
  const options = api.policies.rule.get.queryOptions(undefined, { initialData: first });
  const { data: rule, refetch } = useQuery(options);
  const [text, setText] = useState(String(first.flipsMax));
  const save = useMutation(
    api.policies.rule.update.mutationOptions({
      onSuccess: async ({ next }) => {
        await refetch();
        toast({ tone: "good", title: next === null ? "It holds now" : "It holds in a day" });
      },
    }),
  );
  const wanted = updateRuleInputSchema.safeParse({ flipsMax: text.trim() === "" ? undefined : Number(text) });
  const unchanged = wanted.success && wanted.data.flipsMax === rule.flipsMax && rule.next === null;
  return (
    <Panel title="Publishing policy" description="Larger changes need a second person">
      <form
        className="max-w-xl"
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted.success) save.mutate(wanted.data);
        }}
      >
        <Field
          label="Recorded decisions that one person may flip alone"
          hint="Before each publish the exchanges of the last week are decided again. When more of them than this would end otherwise, somebody else must approve. A lower number holds at once, a higher one after a day."
          error={
            save.error === null
              ? wanted.success
                ? undefined
                : "A whole number from 0 to 1,000,000."
              : failureText(save.error)
          }
        >
          {(field) => (
            <div className="flex gap-2">
              <Input
                {...field}
                className="w-32 tabular-nums"
                inputMode="numeric"
                value={text}
                disabled={!mayWrite}
                onChange={(event) => setText(event.target.value)}
              />
              <Button type="submit" busy={save.isPending} disabled={!mayWrite || !wanted.success || unchanged}>
                Save
              </Button>
            </div>
          )}
        </Field>
        {rule.next === null ? null : (
          <div className="pt-3">
            <Callout tone="info" title={`${rule.next.flipsMax.toLocaleString("en")} was set and does not hold yet`}>
              It holds <Time at={rule.next.from} />; until then {rule.flipsMax.toLocaleString("en")} holds. Save that
              number to take it back.
            </Callout>
          </div>
        )}
      </form>
    </Panel>
  );
}
