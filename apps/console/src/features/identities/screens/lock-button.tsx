"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Lock, LockOpen } from "lucide-react";
import { useState } from "react";
import { failureText, useApi, useApiClient } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Confirm } from "../../../ui/confirm.tsx";
import { useToast } from "../../../ui/toast.tsx";

/** Locks or unlocks a principal. Locking ends what it is doing now, so it is confirmed; unlocking is not. */
export function LockButton({
  type,
  id,
  handle,
  locked,
}: {
  readonly type: "User" | "Agent";
  readonly id: string;
  readonly handle: string;
  readonly locked: boolean;
}) {
  const api = useApi();
  const client = useApiClient();
  const toast = useToast();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const again = () => queries.invalidateQueries({ queryKey: api.identities.pathKey() });
  const unlock = useMutation(
    api.identities.unlock.mutationOptions({
      onSuccess: again,
      onError: (cause) => toast({ tone: "bad", title: `${handle} stays locked`, detail: failureText(cause) }),
    }),
  );
  if (locked) {
    return (
      <Button
        size="sm"
        icon={<LockOpen aria-hidden />}
        busy={unlock.isPending}
        onClick={() => unlock.mutate({ type, id })}
      >
        Unlock
      </Button>
    );
  }
  return (
    <>
      <Button size="sm" icon={<Lock aria-hidden />} aria-label={`Lock ${handle}`} onClick={() => setOpen(true)}>
        Lock
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={`Lock ${handle}?`}
        confirmLabel={`Lock ${handle}`}
        onConfirm={async () => {
          await client.identities.lock.mutate({ type, id });
          await again();
        }}
      >
        <p>
          Every live session of {handle} ends within seconds, at every enforcer, and nothing new is accepted
          {type === "User" ? ", also not from agents that act for them" : ""}. You can unlock at any time.
        </p>
      </Confirm>
    </>
  );
}
