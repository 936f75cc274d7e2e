import { writeInteger } from "./ascii.ts";
import { type EntryOwner, writeCells } from "./entry-text.ts";
import type { OutcomeDraft, OutcomeNumbers } from "./outcome-line.ts";

/** What JSON writes as it stands. */
const PLAIN = /^[ A-Za-z0-9_]*$/;
const COUNTS = /^[ -~]*$/;

/** What outcomes one after another mostly have in common. */
interface Shared {
  readonly status: OutcomeDraft["outcome"]["status"];
  readonly tag: string | undefined;
  readonly verdict: OutcomeDraft["verdict"];
  readonly decideUs: number;
  readonly cells: string;
}

/**
 * Writes the lines of outcomes that have nothing but numbers, a tag and counts of masked cells, as nearly all have: the text
 * between the numbers is kept from one to the next, as long as it is the same.
 */
export class PlainOutcomes {
  readonly #owner: EntryOwner;
  #shared: Shared | undefined;
  #pieces: readonly Uint8Array[] = [];

  constructor(owner: EntryOwner) {
    this.#owner = owner;
  }

  /**
   * Writes the line at `at`; gives its end. Undefined, with nothing that counts written, when the outcome has more.
   * `OUTCOME_LINE_BYTES_MAX` bytes must be there.
   */
  write(target: Uint8Array, at: number, draft: OutcomeDraft, entry: OutcomeNumbers): number | undefined {
    const { bytes, durationUs, maskedCells, rows } = draft.outcome;
    const cells = isEmpty(maskedCells) ? "{}" : writeCells(maskedCells);
    if (draft.approval !== undefined || draft.reason !== undefined || draft.outcome.error !== undefined)
      return undefined;
    if (!this.#has(draft, cells) && !this.#take(draft, cells)) return undefined;
    const [p0, p1, p2, p3, p4, p5, p6, p7, p8] = this.#pieces;
    let to = writeInteger(target, put(target, at, p0), entry.atMs);
    to = entry.id.write(target, put(target, to, p1));
    to = writeInteger(target, put(target, to, p2), entry.ofAtMs);
    to = writeInteger(target, put(target, to, p3), entry.ofSeq);
    to = writeInteger(target, put(target, to, p4), whole(bytes));
    to = writeInteger(target, put(target, to, p5), whole(durationUs));
    to = writeInteger(target, put(target, to, p6), whole(rows));
    to = writeInteger(target, put(target, to, p7), entry.seq);
    return put(target, to, p8);
  }

  #has({ outcome, verdict }: OutcomeDraft, cells: string): boolean {
    const shared = this.#shared;
    if (shared === undefined || shared.decideUs !== outcome.decideUs || shared.verdict !== verdict) return false;
    return shared.status === outcome.status && shared.tag === outcome.tag && shared.cells === cells;
  }

  #take({ outcome, verdict }: OutcomeDraft, cells: string): boolean {
    const { decideUs, status, tag } = outcome;
    if (tag !== undefined && !(tag.length < 100 && PLAIN.test(tag))) return false;
    if (cells.length > 1_000 || !COUNTS.test(cells) || !(decideUs >= 0 && decideUs < 1e9)) return false;
    this.#shared = { cells, decideUs, status, tag, verdict };
    this.#pieces = [
      '{"atMs":',
      `,"enforcerId":"${this.#owner.enforcerId}","id":"`,
      '","kind":"outcome","ofAtMs":',
      ',"ofSeq":',
      `,"orgId":"${this.#owner.orgId}","outcome":{"bytes":`,
      `,"decideUs":${String(decideUs)},"durationUs":`,
      `,"maskedCells":${cells},"rows":`,
      `,"status":"${status}"${tag === undefined ? "" : `,"tag":"${tag}"`}},"seq":`,
      `,"v":1,"verdict":"${verdict}"}\n`,
    ].map((text) => Uint8Array.from(Buffer.from(text)));
    return true;
  }
}

function put(target: Uint8Array, at: number, piece: Uint8Array | undefined): number {
  if (piece === undefined) throw new RangeError("an outcome's line has nine pieces");
  target.set(piece, at);
  return at + piece.length;
}

function isEmpty(cells: Readonly<Record<string, number>>): boolean {
  for (const _ in cells) return false;
  return true;
}

function whole(value: number): number {
  return Number.isFinite(value) && value > 0 ? Math.trunc(value) : 0;
}
