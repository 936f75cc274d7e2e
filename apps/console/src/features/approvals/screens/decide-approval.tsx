"use client";
import { useMutation } from "@tanstack/react-query";
import { failureText, useApi } from "../../../client/api.tsx";
import { DecideForm } from "../../../ui/decide-form.tsx";
import { useToast } from "../../../ui/toast.tsx";
import type { ApprovalDetail } from "../schemas.ts";

/** Yes or no to exactly what is shown: the decision carries the digest of it. */
export function DecideApproval({
  approval,
  onDecided,
}: {
  readonly approval: ApprovalDetail;
  readonly onDecided: (approval: ApprovalDetail) => void;
}) {
  const api = useApi();
  const toast = useToast();
  const decide = useMutation(
    api.approvals.decide.mutationOptions({
      onSuccess: (decided, { approved }) => {
        onDecided(decided);
        toast({
          tone: "good",
          title: approved ? "Approved" : "Refused",
          detail:
            decided.status === "waiting" ? "More approvals are needed before it runs." : "The client has its answer.",
        });
      },
    }),
  );
  const { digest, id } = approval;
  return (
    <DecideForm
      yes="Approve"
      reasonHint="Recorded with the decision, and told to whoever asked."
      reasonMax={1_000}
      running={decide.isPending ? decide.variables.approved : null}
      failure={decide.error === null ? null : failureText(decide.error)}
      onDecide={(approved, reason) => decide.mutate({ id, approved, digest, reason })}
    />
  );
}
