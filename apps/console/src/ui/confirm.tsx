"use client";
import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { Callout } from "./states.tsx";

/**
 * Asks before something that cannot simply be taken back, and says what it will do. While it runs the dialog stays;
 * when it fails the dialog says why and lets one try again.
 */
export function Confirm({
  open,
  onOpenChange,
  title,
  confirmLabel,
  tone = "danger",
  onConfirm,
  children,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly confirmLabel: string;
  readonly tone?: "danger" | "primary";
  readonly onConfirm: () => Promise<void>;
  readonly children: ReactNode;
}) {
  const [state, setState] = useState<{ readonly busy: boolean; readonly failure: string | null }>({
    busy: false,
    failure: null,
  });
  const run = async (): Promise<void> => {
    setState({ busy: true, failure: null });
    try {
      await onConfirm();
      setState({ busy: false, failure: null });
      onOpenChange(false);
    } catch (cause) {
      setState({ busy: false, failure: cause instanceof Error ? cause.message : String(cause) });
    }
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!state.busy) onOpenChange(next);
      }}
      title={title}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)} disabled={state.busy}>
            Cancel
          </Button>
          <Button tone={tone} busy={state.busy} onClick={() => void run()}>
            {confirmLabel}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm text-ink">
        {children}
        {state.failure === null ? null : (
          <Callout tone="bad" title="That did not work" live>
            {state.failure}
          </Callout>
        )}
      </div>
    </Dialog>
  );
}
