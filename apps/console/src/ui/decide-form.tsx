"use client";
import { Check, X } from "lucide-react";
import { useState } from "react";
import { Button } from "./button.tsx";
import { Field, Textarea } from "./form.tsx";
import { Callout } from "./states.tsx";

/** Yes or no with a reason, which a no must have. Enter on the form says yes. */
export function DecideForm({
  yes,
  reasonHint,
  reasonMax,
  running,
  failure,
  onDecide,
}: {
  /** what the yes does, as its button says it */
  readonly yes: string;
  readonly reasonHint: string;
  /** characters */
  readonly reasonMax: number;
  /** which of the two is being sent; null when neither is */
  readonly running: boolean | null;
  /** why the last try was not taken */
  readonly failure: string | null;
  readonly onDecide: (approved: boolean, reason: string) => void;
}) {
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const decide = (approved: boolean): void => {
    if (!approved && reason.trim() === "") setMissing(true);
    else onDecide(approved, reason.trim());
  };
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        decide(true);
      }}
    >
      <Field
        label="Reason"
        hint={reasonHint}
        error={missing && reason.trim() === "" ? "Say why you refuse, so that they know what to change." : undefined}
      >
        {(field) => (
          <Textarea
            {...field}
            rows={2}
            maxLength={reasonMax}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
      {failure === null ? null : (
        <Callout tone="bad" title="The decision was not taken" live>
          {failure}
        </Callout>
      )}
      <div className="grid grid-cols-2 gap-2">
        <Button
          size="lg"
          icon={<X aria-hidden />}
          busy={running === false}
          disabled={running !== null}
          onClick={() => decide(false)}
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
          {yes}
        </Button>
      </div>
    </form>
  );
}
