import type { OutcomeEntry } from "@sluice/ledger";
import { writeAscii, writeInteger } from "./ascii.ts";
import { type EntryOwner, optional, part, words, writeApproval, writeCells, writeOutcome } from "./entry-text.ts";

/** What completes a record. */
export type OutcomeDraft = Pick<OutcomeEntry, "verdict" | "reason" | "approval" | "outcome">;

/** Most bytes of an outcome's line: what `begin` reserves for `finish`. */
export const OUTCOME_LINE_BYTES_MAX = 4_096;

function outcomeText(draft: OutcomeDraft, owner: EntryOwner, entry: OutcomeNumbers): string {
  const approval = part(draft.approval, writeApproval);
  return (
    `{${approval === undefined ? "" : `"approval":${approval},`}"atMs":${entry.atMs},"enforcerId":"${owner.enforcerId}",` +
    `"id":"${entry.id}","kind":"outcome","ofAtMs":${entry.ofAtMs},"ofSeq":${entry.ofSeq},"orgId":"${owner.orgId}",` +
    `"outcome":${writeOutcome(draft.outcome)}${optional("reason", words(draft.reason))},"seq":${entry.seq},` +
    `"v":1,"verdict":"${draft.verdict}"}\n`
  );
}

/** The numbers of an outcome, its own and those of the record that it completes. */
export interface OutcomeNumbers {
  readonly id: string;
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

/**
 * Writes the line of an outcome that has nothing but numbers, a tag and counts of masked cells, as nearly all have, at `at`;
 * gives its end. Undefined, with nothing that counts written, when it has more. `OUTCOME_LINE_BYTES_MAX` bytes must be there.
 */
export function writePlainOutcome(
  target: Uint8Array,
  at: number,
  draft: OutcomeDraft,
  owner: EntryOwner,
  entry: OutcomeNumbers,
): number | undefined {
  const { bytes, decideUs, durationUs, error, maskedCells, rows, status, tag } = draft.outcome;
  if (draft.approval !== undefined || draft.reason !== undefined || error !== undefined) return undefined;
  if (tag !== undefined && !(tag.length < 100 && PLAIN.test(tag))) return undefined;
  const cells = Object.keys(maskedCells).length === 0 ? "{}" : writeCells(maskedCells);
  if (cells.length > 1_000 || !COUNTS.test(cells) || !(decideUs >= 0 && decideUs < 1e9)) return undefined;
  let to = writeInteger(target, writeAscii(target, at, '{"atMs":'), entry.atMs);
  to = writeAscii(target, writeAscii(target, to, ',"enforcerId":"'), owner.enforcerId);
  to = writeAscii(target, writeAscii(target, to, '","id":"'), entry.id);
  to = writeInteger(target, writeAscii(target, to, '","kind":"outcome","ofAtMs":'), entry.ofAtMs);
  to = writeInteger(target, writeAscii(target, to, ',"ofSeq":'), entry.ofSeq);
  to = writeAscii(target, writeAscii(target, to, ',"orgId":"'), owner.orgId);
  to = writeInteger(target, writeAscii(target, to, '","outcome":{"bytes":'), whole(bytes));
  to = writeAscii(target, writeAscii(target, to, ',"decideUs":'), String(decideUs));
  to = writeInteger(target, writeAscii(target, to, ',"durationUs":'), whole(durationUs));
  to = writeAscii(target, writeAscii(target, to, ',"maskedCells":'), cells);
  to = writeInteger(target, writeAscii(target, to, ',"rows":'), whole(rows));
  to = writeAscii(target, writeAscii(target, to, ',"status":"'), status);
  if (tag !== undefined) to = writeAscii(target, writeAscii(target, to, '","tag":"'), tag);
  to = writeInteger(target, writeAscii(target, to, '"},"seq":'), entry.seq);
  to = writeAscii(target, writeAscii(target, to, ',"v":1,"verdict":"'), draft.verdict);
  return writeAscii(target, to, '"}\n');
}

/** What JSON writes as it stands. */
const PLAIN = /^[ A-Za-z0-9_]*$/;
const COUNTS = /^[ -~]*$/;

function whole(value: number): number {
  return Number.isFinite(value) && value > 0 ? Math.trunc(value) : 0;
}
