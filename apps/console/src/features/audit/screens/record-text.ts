import type { RecordRow } from "../schemas.ts";
import { changeWords, targetName } from "./change-words.ts";

const actionWords: Readonly<Record<string, string>> = {
  "session.open": "opened a session",
  "session.close": "closed a session",
};

/** One line for a record without a statement: what was done to what. */
export function recordSummary(record: RecordRow): string {
  const action = record.actions[0] ?? record.kind;
  const what = actionWords[action] ?? changeWords(action);
  const target = record.objects[0];
  return target === undefined ? what : `${what}: ${targetName(target)}`;
}

/** "1 row", "50 rows". */
export function rowsText(rows: number): string {
  return `${rows.toLocaleString("en")} ${rows === 1 ? "row" : "rows"}`;
}

/** A duration in microseconds as people read it: µs, ms or s with three digits. */
export function durationText(microseconds: number): string {
  if (microseconds < 1_000) return `${Math.round(microseconds)} µs`;
  if (microseconds < 1_000_000) return `${Number((microseconds / 1_000).toPrecision(3))} ms`;
  return `${Number((microseconds / 1_000_000).toPrecision(3))} s`;
}

/** A size in bytes as people read it. */
export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  if (bytes < 1_048_576) return `${Number((bytes / 1_024).toPrecision(3))} KiB`;
  return `${Number((bytes / 1_048_576).toPrecision(3))} MiB`;
}

/** How an exchange ended, in one word or two. */
export const statusWords: Readonly<Record<RecordRow["status"], string>> = {
  running: "Running",
  ok: "Completed",
  refused: "Refused",
  error: "Failed upstream",
  aborted: "Cut off",
};
