import { taggedError } from "@sluice/kernel";
import type { RecorderError } from "./recorder.ts";

/** Nothing can be recorded because of this failure, in the file system's words. */
export function failed(failure: string | undefined): RecorderError {
  return taggedError("recorder.failed", "Exchanges cannot be recorded now, so none may pass.", {
    internal: `The record spool fails: ${failure ?? "unknown"}`,
    retry: "later",
  });
}

/** There is no room for another record. */
export function full(bytes: number, bytesMax: number): RecorderError {
  const text = "The record spool is full, so nothing may pass until the control plane takes records again.";
  const internal = `The record spool holds ${bytes} of ${bytesMax} bytes that the control plane has not taken.`;
  return taggedError("recorder.full", text, { internal, retry: "later" });
}

/** What one exchange is refused with whose record has no form: the spool itself goes on. */
export function unwritable(why: string): RecorderError {
  return taggedError("recorder.failed", `The exchange's record ${why}.`);
}
