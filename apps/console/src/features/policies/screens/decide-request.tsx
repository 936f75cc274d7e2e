"use client";
import { useMutation } from "@tanstack/react-query";
import { failureText, useApi } from "../../../client/api.tsx";
import { DecideForm } from "../../../ui/decide-form.tsx";
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
  const decide = useMutation(
    api.policies.requests.decide.mutationOptions({
      onSuccess: async ({ version }) => {
        const published = { title: `Version ${version ?? ""} published`, detail: "Enforcers apply it within seconds." };
        toast({ tone: "good", ...(version === null ? { title: "Refused" } : published) });
        await onDecided();
      },
    }),
  );
  const { digest, id } = request;
  return (
    <DecideForm
      yes="Publish it"
      reasonHint="Recorded with the decision."
      reasonMax={500}
      running={decide.isPending ? decide.variables.approved : null}
      failure={decide.error === null ? null : failureText(decide.error)}
      onDecide={(approved, reason) => decide.mutate({ id, digest, approved, reason })}
    />
  );
}
