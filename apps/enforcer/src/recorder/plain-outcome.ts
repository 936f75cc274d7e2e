import { writeInteger } from "./ascii.ts";
import { type EntryOwner, writeCells } from "./entry-text.ts";
import type { OutcomeDraft, OutcomeNumbers } from "./outcome-line.ts";

/** What JSON writes as it stands. */
const PLAIN = /^[ A-Za-z0-9_]*$/;
const COUNTS = /^[ -~]*$/;
/** Times in tenths of a microsecond are written as JSON writes them, up to a quarter of an hour. */
const TENTHS_END = 1e10;
const POINT = 0x2e;

/** What outcomes one after another mostly have in common. */
interface Shared {
  readonly status: OutcomeDraft["outcome"]["status"];
  readonly tag: string | undefined;
  readonly verdict: OutcomeDraft["verdict"];
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
    const { bytes, decideUs, durationUs, maskedCells, rows } = draft.outcome;
    const cells = isEmpty(maskedCells) ? "{}" : writeCells(maskedCells);
    if (draft.approval !== undefined || draft.reason !== undefined || draft.outcome.error !== undefined)
      return undefined;
    const tenths = decideUs > 0 ? Math.round(decideUs * 10) : 0;
    if (!(tenths < TENTHS_END) || (decideUs > 0 && tenths / 10 !== decideUs)) return undefined;
    if (!this.#has(draft, cells) && !this.#take(draft, cells)) return undefined;
    const [p0, p1, p2, p3, p4, p5, p6, p7, p8, p9] = this.#pieces;
    let to = writeInteger(target, put(target, at, p0), entry.atMs);
    to = entry.id.write(target, put(target, to, p1));
    to = writeInteger(target, put(target, to, p2), entry.ofAtMs);
    to = writeInteger(target, put(target, to, p3), entry.ofSeq);
    to = writeInteger(target, put(target, to, p4), whole(bytes));
    to = writeTenths(target, put(target, to, p5), tenths);
    to = writeInteger(target, put(target, to, p6), whole(durationUs));
    to = writeInteger(target, put(target, to, p7), whole(rows));
    to = writeInteger(target, put(target, to, p8), entry.seq);
    return put(target, to, p9);
  }

  #has({ outcome, verdict }: OutcomeDraft, cells: string): boolean {
    const shared = this.#shared;
    if (shared === undefined || shared.verdict !== verdict) return false;
    return shared.status === outcome.status && shared.tag === outcome.tag && shared.cells === cells;
  }

  #take({ outcome, verdict }: OutcomeDraft, cells: string): boolean {
    const { status, tag } = outcome;
    if (tag !== undefined && !(tag.length < 100 && PLAIN.test(tag))) return false;
    if (cells.length > 1_000 || !COUNTS.test(cells)) return false;
    this.#shared = { cells, status, tag, verdict };
    this.#pieces = [
      '{"atMs":',
      `,"enforcerId":"${this.#owner.enforcerId}","id":"`,
      '","kind":"outcome","ofAtMs":',
      ',"ofSeq":',
      `,"orgId":"${this.#owner.orgId}","outcome":{"bytes":`,
      ',"decideUs":',
      ',"durationUs":',
      `,"maskedCells":${cells},"rows":`,
      `,"status":"${status}"${tag === undefined ? "" : `,"tag":"${tag}"`}},"seq":`,
      `,"v":1,"verdict":"${verdict}"}\n`,
    ].map((text) => Uint8Array.from(Buffer.from(text)));
    return true;
  }
}

function writeTenths(target: Uint8Array, at: number, tenths: number): number {
  const to = writeInteger(target, at, Math.floor(tenths / 10));
  if (tenths % 10 === 0) return to;
  target[to] = POINT;
  return writeInteger(target, to + 1, tenths % 10);
}

function put(target: Uint8Array, at: number, piece: Uint8Array | undefined): number {
  if (piece === undefined) throw new RangeError("an outcome's line has ten pieces");
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
