"use client";
import { Failure } from "../features/shell/screens/failure.tsx";

/** Shown when a page outside of the frame fails. */
export default function RootError({
  error,
  reset,
}: {
  readonly error: Error & { digest?: string };
  readonly reset: () => void;
}) {
  return (
    <main className="mx-auto max-w-xl px-6 py-24">
      <Failure digest={error.digest} onRetry={reset} />
    </main>
  );
}
