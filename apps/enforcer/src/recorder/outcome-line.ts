import type { OutcomeEntry } from "@sluice/ledger";
import { type EntryOwner, optional, part, words, writeApproval, writeOutcome } from "./entry-text.ts";
import type { RecordId } from "./record-id.ts";

/** What completes a record. */
export type OutcomeDraft = Pick<OutcomeEntry, "verdict" | "reason" | "approval" | "outcome">;

/** Most bytes of an outcome's line: what `begin` reserves for `finish`. */
export const OUTCOME_LINE_BYTES_MAX = 4_096;

function outcomeText(draft: OutcomeDraft, owner: EntryOwner, entry: OutcomeNumbers): string {
  const approval = part(draft.approval, writeApproval);
  return (
    `{${approval === undefined ? "" : `"approval":${approval},`}"atMs":${entry.atMs},"enforcerId":"${owner.enforcerId}",` +
    `"id":"${entry.id.text}","kind":"outcome","ofAtMs":${entry.ofAtMs},"ofSeq":${entry.ofSeq},"orgId":"${owner.orgId}",` +
    `"outcome":${writeOutcome(draft.outcome)}${optional("reason", words(draft.reason))},"seq":${entry.seq},` +
    `"v":1,"verdict":"${draft.verdict}"}\n`
  );
}

/** The numbers of an outcome, its own and those of the record that it completes. */
export interface OutcomeNumbers {
  readonly id: RecordId;
  readonly seq: number;
  readonly atMs: number;
  readonly ofSeq: number;
  readonly ofAtMs: number;
}

/**
 * An outcome as one canonical JSON line of at most `OUTCOME_LINE_BYTES_MAX` bytes: texts are cut first, then everything
 * but status and numbers is left out and the error says so.
 */
export function outcomeLine(draft: OutcomeDraft, owner: EntryOwner, entry: OutcomeNumbers): string {
  const line = outcomeText(draft, owner, entry);
  if (line.length * 3 <= OUTCOME_LINE_BYTES_MAX || Buffer.byteLength(line) <= OUTCOME_LINE_BYTES_MAX) return line;
  const { outcome, verdict } = draft;
  const cells = Object.values(outcome.maskedCells).reduce((sum, cellCount) => sum + cellCount, 0);
  const short = {
    verdict,
    approval:
      draft.approval === undefined ? undefined : { ...draft.approval, approvers: draft.approval.approvers.slice(0, 1) },
    reason: draft.reason?.slice(0, 100),
    outcome: {
      ...outcome,
      maskedCells: { "*": cells },
      error: `${outcome.error?.slice(0, 100) ?? ""} [shortened]`.trim(),
      tag: outcome.tag?.slice(0, 32),
    },
  };
  return outcomeText(short, owner, entry);
}
