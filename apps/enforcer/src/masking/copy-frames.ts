import type { CellMask } from "./cell-mask.ts";
import type { ByteSink } from "./contract.ts";

/** How one column of a COPY is hidden. */
export interface CopyColumn {
  readonly dataClass: string;
  readonly mask: CellMask;
  /** a value grows by no more than this */
  readonly extraBytes: number;
}

const COPY_DATA = 0x64;

/** Appends one CopyData frame. */
export function writeCopyData(payload: Buffer, sink: ByteSink): void {
  const target = sink.reserve(payload.length + 5);
  const at = sink.length;
  target[at] = COPY_DATA;
  target.writeInt32BE(payload.length + 4, at + 1);
  payload.copy(target, at + 5);
  sink.length = at + 5 + payload.length;
}

/** Counts hidden cells by data class. */
export class CellCounts {
  readonly counts: Record<string, number> = {};

  add(dataClass: string): void {
    this.counts[dataClass] = (this.counts[dataClass] ?? 0) + 1;
  }
}
