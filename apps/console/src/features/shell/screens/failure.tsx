"use client";
import { useEffect, useRef } from "react";
import { Button } from "../../../ui/button.tsx";
import { CopyId } from "../../../ui/copy.tsx";
import { Callout } from "../../../ui/states.tsx";

/** A page that could not be made: what happened, what it does not mean, what to do. */
export function Failure({ digest, onRetry }: { readonly digest: string | undefined; readonly onRetry: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} tabIndex={-1} className="outline-none">
      <h1 className="sr-only">This page could not be shown</h1>
      <Callout
        tone="bad"
        live
        title="This page could not be shown"
        action={
          <Button size="sm" onClick={onRetry}>
            Try again
          </Button>
        }
      >
        The console's server failed to read its data. Enforcers go on deciding with the bundle they hold; nothing was
        allowed or changed by this.
        {digest === undefined ? null : (
          <span className="mt-1 flex items-center gap-1.5 text-ink-muted">
            For the log: <CopyId id={digest} />
          </span>
        )}
      </Callout>
    </div>
  );
}
