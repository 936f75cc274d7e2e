"use client";
import { Failure } from "../../features/shell/screens/failure.tsx";
import { Page } from "../../ui/panel.tsx";

/** Shown inside the frame when a page's data cannot be read. */
export default function ConsoleError({
  error,
  reset,
}: {
  readonly error: Error & { digest?: string };
  readonly reset: () => void;
}) {
  return (
    <Page>
      <Failure digest={error.digest} onRetry={reset} />
    </Page>
  );
}
