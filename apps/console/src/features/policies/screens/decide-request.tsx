"use client";
import { useMutation } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import { useState } from "react";
import { failureText, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Field, Textarea } from "../../../ui/form.tsx";
import { Callout } from "../../../ui/states.tsx";
import { useToast } from "../../../ui/toast.tsx";
import type { PublishRequestView } from "../request-schemas.ts";

/** Yes or no to exactly the text that is shown: the decision carries its digest. */
export function DecideRequest({
  request,
  onDecided,
}: {
  readonly request: PublishRequestView;
  readonly onDecided: () => Promise<void>;
}) {
  const api = useApi();
  const toast = useToast();
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const decide = useMutation(
    api.policies.requests.decide.mutationOptions({
      onSuccess: async ({ version }) => {
        const published = { title: `Version ${version ?? ""} published`, detail: "Enforcers apply it within seconds." };
        toast({ tone: "good", ...(version === null ? { title: "Refused" } : published) });
        await onDecided();
      },
    }),
  );
  const send = (approved: boolean): void => {
    if (!approved && reason.trim() === "") {
      setMissing(true);
      return;
    }
    decide.mutate({ id: request.id, digest: request.digest, approved, reason: reason.trim() });
  };
  const running = decide.isPending ? decide.variables.approved : null;
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        send(true);
      }}
    >
      <Field
        label="Reason"
        hint="Recorded with the decision."
        error={missing && reason.trim() === "" ? "Say why you refuse, so that they know what to change." : undefined}
      >
        {(field) => (
          <Textarea
            {...field}
            rows={2}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
      {decide.error === null ? null : (
        <Callout tone="bad" title="The decision was not taken" live>
          {failureText(decide.error)}
        </Callout>
      )}
      <div className="grid grid-cols-2 gap-2">
        <Button
          size="lg"
          icon={<X aria-hidden />}
          busy={running === false}
          disabled={running !== null}
          onClick={() => send(false)}
        >
          Refuse
        </Button>
        <Button
          size="lg"
          type="submit"
          tone="primary"
          icon={<Check aria-hidden />}
          busy={running === true}
          disabled={running !== null}
        >
          Publish it
        </Button>
      </div>
    </form>
  );
}
