/** One line of a comparison. */
export interface DiffLine {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
  /** 1-based, in the text it stands in */
  readonly before?: number;
  readonly after?: number;
}

const cellsMax = 4_000_000;

/**
 * Compares two texts by lines (longest common subsequence). Common head and tail are cut first; texts whose middles
 * would need more than four million cells are shown as removed and added whole.
 */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before === "" ? [] : before.split("\n");
  const b = after === "" ? [] : after.split("\n");
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail])
    tail += 1;
  const lines: DiffLine[] = [];
  for (let i = 0; i < head; i += 1) lines.push({ kind: "same", text: a[i] ?? "", before: i + 1, after: i + 1 });
  lines.push(...diffMiddle(a.slice(head, a.length - tail), b.slice(head, b.length - tail), head));
  for (let i = tail; i > 0; i -= 1) {
    const [beforeAt, afterAt] = [a.length - i, b.length - i];
    lines.push({ kind: "same", text: a[beforeAt] ?? "", before: beforeAt + 1, after: afterAt + 1 });
  }
  return lines;
}

function lengths(a: readonly string[], b: readonly string[]): Uint32Array {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const at = i * width + j;
      table[at] =
        a[i] === b[j] ? (table[at + width + 1] ?? 0) + 1 : Math.max(table[at + width] ?? 0, table[at + 1] ?? 0);
    }
  }
  return table;
}

function diffMiddle(a: readonly string[], b: readonly string[], offset: number): DiffLine[] {
  const lines: DiffLine[] = [];
  const known = (a.length + 1) * (b.length + 1) <= cellsMax ? lengths(a, b) : undefined;
  const width = b.length + 1;
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (known !== undefined && left !== undefined && left === right) {
      lines.push({ kind: "same", text: left, before: offset + ++i, after: offset + ++j });
    } else if (
      left !== undefined &&
      (right === undefined ||
        known === undefined ||
        (known[(i + 1) * width + j] ?? 0) >= (known[i * width + j + 1] ?? 0))
    ) {
      lines.push({ kind: "removed", text: left, before: offset + ++i });
    } else {
      lines.push({ kind: "added", text: right ?? "", after: offset + ++j });
    }
  }
  return lines;
}

const contextLines = 3;

/** Keeps what changed and three lines around each; a gap becomes undefined. */
export function nearChanges<T extends { readonly kind: string }>(lines: readonly T[]): (T | undefined)[] {
  const near = (index: number): boolean =>
    lines.slice(Math.max(0, index - contextLines), index + contextLines + 1).some((line) => line.kind !== "same");
  const kept: (T | undefined)[] = [];
  for (const [index, line] of lines.entries()) {
    if (near(index)) kept.push(line);
    else if (kept.at(-1) !== undefined) kept.push(undefined);
  }
  return kept.at(-1) === undefined ? kept.slice(0, -1) : kept;
}
