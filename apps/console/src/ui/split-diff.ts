import type { DiffLine } from "./diff.ts";

/** A stretch of a line: changed ones are marked. */
export interface Stretch {
  readonly text: string;
  readonly changed: boolean;
}

/** One side of a row: its line number and its text; null where the other side has a line of its own. */
export type Side = { readonly number: number; readonly stretches: readonly Stretch[] } | null;

/** Two lines that stand beside each other. */
export interface SplitRow {
  readonly kind: "same" | "changed";
  readonly before: Side;
  readonly after: Side;
}

/** Lays a comparison out in two columns: removed lines beside the added ones that take their place, changes marked. */
export function splitRows(lines: readonly DiffLine[]): SplitRow[] {
  const rows: SplitRow[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at];
    if (line?.kind === "same") {
      rows.push({ kind: "same", before: whole(line, line.before), after: whole(line, line.after) });
      at += 1;
      continue;
    }
    const removed = runOf(lines, at, "removed");
    const added = runOf(lines, at + removed.length, "added");
    for (let row = 0; row < Math.max(removed.length, added.length); row += 1)
      rows.push(changedRow(removed[row], added[row]));
    at += removed.length + added.length;
  }
  return rows;
}

function runOf(lines: readonly DiffLine[], from: number, kind: DiffLine["kind"]): readonly DiffLine[] {
  const end = lines.findIndex((line, at) => at >= from && line.kind !== kind);
  return lines.slice(from, end === -1 ? lines.length : end);
}

function changedRow(removed: DiffLine | undefined, added: DiffLine | undefined): SplitRow {
  if (!removed || !added) {
    return {
      kind: "changed",
      before: removed ? whole(removed, removed.before) : null,
      after: added ? whole(added, added.after) : null,
    };
  }
  const [before, after] = marked(removed.text, added.text);
  return {
    kind: "changed",
    before: { number: removed.before ?? 0, stretches: before },
    after: { number: added.after ?? 0, stretches: after },
  };
}

function whole({ text }: DiffLine, number: number | undefined): Side {
  return { number: number ?? 0, stretches: [{ text, changed: false }] };
}

const WORD = /[\p{L}\p{N}_]/u;

/** Marks what differs between two lines: all between their common head and tail, whole words. */
function marked(before: string, after: string): readonly [readonly Stretch[], readonly Stretch[]] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  while (head > 0 && WORD.test(before[head - 1] ?? "")) head -= 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  while (tail > 0 && WORD.test(before.at(-tail) ?? "")) tail -= 1;
  // Lines that share next to nothing are clearer unmarked: their colour says it all.
  const alike = before.slice(0, head).trim().length + tail > 0;
  return alike
    ? [cut(before, head, tail), cut(after, head, tail)]
    : [cut(before, 0, before.length), cut(after, 0, after.length)];
}

function cut(text: string, head: number, tail: number): Stretch[] {
  const stretches = [
    { text: text.slice(0, head), changed: false },
    { text: text.slice(head, text.length - tail), changed: true },
    { text: text.slice(text.length - tail), changed: false },
  ];
  return stretches.filter((stretch) => stretch.text !== "");
}
