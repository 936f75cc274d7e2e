"use client";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { failureText, useApi } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Field, Input } from "../../../ui/form.tsx";
import { useToast } from "../../../ui/toast.tsx";

/** The org's name as people see it; the address name never changes. */
export function OrgName({ name, mayWrite }: { readonly name: string; readonly mayWrite: boolean }) {
  const api = useApi();
  const router = useRouter();
  const toast = useToast();
  const [text, setText] = useState(name);
  const save = useMutation(
    api.settings.update.mutationOptions({
      onSuccess: () => {
        toast({ tone: "good", title: "Name changed" });
        router.refresh();
      },
    }),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ name: text });
      }}
    >
      <Field
        label="Name"
        hint={mayWrite ? undefined : "An admin can change it."}
        error={save.error === null ? undefined : failureText(save.error)}
      >
        {(field) => (
          <div className="flex gap-2">
            <Input {...field} value={text} disabled={!mayWrite} onChange={(event) => setText(event.target.value)} />
            <Button type="submit" busy={save.isPending} disabled={!mayWrite || text.trim() === "" || text === name}>
              Save
            </Button>
          </div>
        )}
      </Field>
    </form>
  );
}
