import type { MaskStrategy } from "@sluice/policy-engine";
import type { Catalogue, CopyFacts, OutputLineage } from "../languages/facts.ts";

/** One output column as the wire describes it. Formats: 0 text, 1 binary. */
export interface WireField {
  readonly name: string;
  /** 0 when the column does not come straight from a table */
  readonly tableOid: number;
  readonly columnNumber: number;
  readonly typeOid: number;
  readonly format: number;
}

/** A classified column that this exchange reads and whose values must not pass in clear. */
export interface HiddenColumn {
  readonly schema: string;
  readonly table: string;
  /** "*" stands for every column of the table */
  readonly column: string;
  readonly dataClass: string;
  readonly strategy: MaskStrategy;
}

/** What policy demands of one statement's rows. An empty `hidden` never reaches the masking room. */
export interface MaskDemand {
  readonly hidden: readonly HiddenColumn[];
  /** of the statement whose rows these are; "unknown" masks every cell */
  readonly lineage: readonly OutputLineage[] | "unknown";
  readonly catalogue: Catalogue;
  /** of a COPY out: how its rows look; without it a COPY that hides something is refused */
  readonly copy?: CopyFacts | undefined;
  /** the org's key for joinable hmac tokens, base64url */
  readonly maskKey: string;
}

/** A growing byte buffer that the masker appends to. `reserve` returns the buffer with room for `bytes` after `length`. */
export interface ByteSink {
  reserve(bytes: number): Buffer;
  length: number;
}

/** Hides cells of one result set. Not reentrant; lives as long as the result set. */
export interface RowMasker {
  /**
   * Appends one whole masked DataRow frame ("D", length, cells) to the sink. `source[start..end)` is a whole DataRow
   * frame. What cannot be decoded is replaced, never passed. Throws only on a malformed frame.
   */
  maskRow(source: Buffer, start: number, end: number, sink: ByteSink): void;
  /** cells hidden so far, by data class ("unknown" where the origin could not be told) */
  readonly maskedCells: Readonly<Record<string, number>>;
}

/** Plans a result set; "clear" when no cell can carry a hidden value, so rows may pass untouched. */
export type PlanRowMasks = (fields: readonly WireField[], demand: MaskDemand) => RowMasker | "clear";

/** How COPY TO STDOUT sends its rows. */
export interface CopyShape {
  readonly format: "text" | "csv" | "binary";
  readonly columns: number;
  /** the session's client_encoding */
  readonly clientEncoding: string;
}

/** Plans a COPY out; "refuse" when this form cannot be masked, with the reason in plain words. */
export type PlanCopyMasks = (
  statement: string,
  shape: CopyShape,
  demand: MaskDemand,
) => CopyMasker | "clear" | { readonly refuse: string };

/** Hides values in a COPY stream. Rows may be split anywhere over CopyData frames. */
export interface CopyMasker {
  /** Appends masked CopyData frames for the payload `source[start..end)`; keeps at most one row back. */
  push(source: Buffer, start: number, end: number, sink: ByteSink): void;
  /** Appends what was kept back; called at CopyDone. */
  end(sink: ByteSink): void;
  readonly maskedCells: Readonly<Record<string, number>>;
}
