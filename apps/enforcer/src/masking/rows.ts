import { assert } from "@sluice/kernel";
import { type CellMask, NULL_CELL } from "./cell-mask.ts";
import { cellMaskFor, extraBytesMax } from "./cells.ts";
import { chooseColumns } from "./choose.ts";
import type { ByteSink, MaskDemand, PlanRowMasks, RowMasker, WireField } from "./contract.ts";
import { Words } from "./words.ts";

const DATA_ROW = 0x44;
/** Type byte, length, number of cells. */
const HEAD_BYTES = 7;

const NOTHING = new Words(Buffer.alloc(0));

/** Plans a result set: which columns are hidden and how; "clear" when none is. */
export const planRowMasks: PlanRowMasks = (fields, demand) => {
  const choices = chooseColumns(fields, demand);
  if (choices.every((choice) => choice === undefined)) return "clear";
  const columns = choices.map((choice, at) => {
    const field = fields[at];
    if (!choice || !field) return undefined;
    const { dataClass, hidesNull } = choice;
    return { dataClass, hidesNull, mask: maskFor(field, choice.strategy, choice.dataClass, demand) };
  });
  const extraBytes = fields.reduce((sum, { typeOid }, at) => sum + (choices[at] ? extraBytesMax(typeOid) : 0), 0);
  return new DataRowMasker(columns, extraBytes);
};

function maskFor(
  field: WireField,
  strategy: MaskDemand["hidden"][number]["strategy"],
  dataClass: string,
  demand: MaskDemand,
): CellMask {
  return cellMaskFor({ strategy, dataClass, typeOid: field.typeOid, format: field.format, maskKey: demand.maskKey });
}

interface MaskedColumn {
  readonly dataClass: string;
  /** NULL gets the same replacement as any value: CASE WHEN ssn LIKE '1%' THEN 1 END tells by being there */
  readonly hidesNull: boolean;
  readonly mask: CellMask;
}

/** Rewrites DataRow frames: cells that pass are copied in runs, hidden ones replaced. */
class DataRowMasker implements RowMasker {
  readonly #columns: readonly (MaskedColumn | undefined)[];
  readonly #counts: number[];
  /** by so much a row can grow at most */
  readonly #extraBytes: number;
  #from = NOTHING;
  #to = NOTHING;

  constructor(columns: readonly (MaskedColumn | undefined)[], extraBytes: number) {
    this.#columns = columns;
    this.#extraBytes = extraBytes;
    this.#counts = columns.map(() => 0);
  }

  get maskedCells(): Readonly<Record<string, number>> {
    const cells: Record<string, number> = {};
    this.#columns.forEach((column, at) => {
      const count = this.#counts[at] ?? 0;
      if (column && count > 0) cells[column.dataClass] = (cells[column.dataClass] ?? 0) + count;
    });
    return cells;
  }

  maskRow(source: Buffer, start: number, end: number, sink: ByteSink): void {
    const columns = this.#columns;
    assert(end - start >= HEAD_BYTES && end <= source.length && source[start] === DATA_ROW, "a DataRow frame");
    const target = sink.reserve(end - start + this.#extraBytes);
    const { from, to } = this.#words(source, target);
    assert(from.int16(start + 5) === columns.length, "a DataRow with as many cells as it was announced with");
    const frameAt = sink.length;
    let out = frameAt + HEAD_BYTES;
    let cell = start + HEAD_BYTES;
    let runStart = cell;
    for (let at = 0; at < columns.length; at += 1) {
      assert(cell + 4 <= end, "a whole cell length");
      const length = from.int32(cell);
      const next = length < 0 ? cell + 4 : cell + 4 + length;
      assert(next <= end, "a whole cell");
      const column = columns[at];
      if (column && (length >= 0 || column.hidesNull)) {
        out = to.copy(from, runStart, cell, out);
        const written = column.mask(source, cell + 4, next, target, out + 4);
        to.putInt32(out, written === NULL_CELL ? -1 : written - out - 4);
        out = written === NULL_CELL ? out + 4 : written;
        this.#counts[at] = (this.#counts[at] ?? 0) + 1;
        runStart = next;
      }
      cell = next;
    }
    assert(cell === end, "a DataRow without anything behind its cells");
    out = to.copy(from, runStart, end, out);
    target[frameAt] = DATA_ROW;
    to.putInt32(frameAt + 1, out - frameAt - 1);
    target[frameAt + 5] = columns.length >>> 8;
    target[frameAt + 6] = columns.length;
    sink.length = out;
  }

  /** Chunks and sinks come in few buffers, which serve again. */
  #words(source: Buffer, target: Buffer): { readonly from: Words; readonly to: Words } {
    if (this.#from.bytes !== source) this.#from = new Words(source);
    if (this.#to.bytes !== target) this.#to = new Words(target);
    return { from: this.#from, to: this.#to };
  }
}
