import type { CopyFacts } from "../languages/facts.ts";
import { NULL_CELL } from "./cell-mask.ts";
import type { ByteSink, CopyMasker } from "./contract.ts";
import { CellCounts, type CopyColumn, writeCopyData } from "./copy-frames.ts";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BACKSLASH = 0x5c;

/** Hides values in COPY's text and csv forms, a row at a time. */
export class TextCopyMasker implements CopyMasker {
  readonly #facts: CopyFacts;
  readonly #columns: readonly (CopyColumn | undefined)[];
  readonly #counts = new CellCounts();
  readonly #csv: boolean;
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #escape: number;
  #kept: Buffer = Buffer.alloc(0);
  /** how much of what is kept was looked at, and whether that ended inside quotes */
  #scanned = 0;
  #quoted = false;
  #header: boolean;

  constructor(facts: CopyFacts, columns: readonly (CopyColumn | undefined)[]) {
    this.#facts = facts;
    this.#columns = columns;
    this.#csv = facts.format === "csv";
    this.#delimiter = facts.delimiter.charCodeAt(0);
    this.#quote = facts.quote.charCodeAt(0);
    this.#escape = facts.escape.charCodeAt(0);
    this.#header = facts.header;
  }

  get maskedCells(): Readonly<Record<string, number>> {
    return this.#counts.counts;
  }

  push(source: Buffer, start: number, end: number, sink: ByteSink): void {
    const chunk = source.subarray(start, end);
    this.#kept = this.#kept.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#kept, chunk]);
    let rowStart = 0;
    for (let at = this.#rowEnd(); at >= 0; at = this.#rowEnd()) {
      this.#row(this.#kept.subarray(rowStart, at), sink);
      rowStart = at + 1;
    }
    this.#kept = this.#kept.subarray(rowStart);
    this.#scanned -= rowStart;
  }

  end(sink: ByteSink): void {
    if (this.#kept.length > 0) this.#row(this.#kept, sink);
    this.#kept = Buffer.alloc(0);
    this.#scanned = 0;
  }

  /** The next newline that ends a row; -1 when there is none yet. */
  #rowEnd(): number {
    const kept = this.#kept;
    for (; this.#scanned < kept.length; this.#scanned += 1) {
      const byte = kept[this.#scanned];
      // An escaped quote toggles twice when escape and quote are the same; else the next byte is skipped.
      if (this.#csv && this.#quoted && byte === this.#escape && this.#escape !== this.#quote) {
        if (this.#scanned + 1 >= kept.length) return -1;
        this.#scanned += 1;
      } else if (this.#csv && byte === this.#quote) this.#quoted = !this.#quoted;
      else if (byte === NEWLINE && !this.#quoted) {
        this.#scanned += 1;
        return this.#scanned - 1;
      }
    }
    return -1;
  }

  #row(line: Buffer, sink: ByteSink): void {
    if (this.#header) {
      this.#header = false;
      writeCopyData(Buffer.concat([line, Buffer.from("\n")]), sink);
      return;
    }
    const row = line.at(-1) === RETURN ? line.subarray(0, -1) : line;
    const fields = this.#csv ? this.#splitCsv(row) : this.#splitText(row);
    // A row of another width cannot be told apart into columns: nothing of it passes.
    const fits = fields.length === this.#columns.length;
    const cells = this.#columns.map((column, at) => this.#cell(fits ? fields[at] : undefined, column));
    writeCopyData(Buffer.from(`${cells.join(this.#facts.delimiter)}\n`, "latin1"), sink);
  }

  /** A field in latin1, as it goes out. `undefined` is a field that could not be told. */
  #cell(field: Field | undefined, column: CopyColumn | undefined): string {
    if (!field) return this.#facts.nullText;
    if (!column || field.value === undefined) return field.raw;
    const value = Buffer.from(field.value, "latin1");
    const target = Buffer.alloc(value.length + column.extraBytes);
    const end = column.mask(value, 0, value.length, target, 0);
    this.#counts.add(column.dataClass);
    if (end === NULL_CELL) return this.#facts.nullText;
    return this.#encode(target.toString("latin1", 0, end));
  }

  #encode(value: string): string {
    if (!this.#csv) {
      const escaped = value
        .replaceAll("\\", "\\\\")
        .replaceAll("\n", "\\n")
        .replaceAll("\r", "\\r")
        .replaceAll("\t", "\\t");
      return escaped.replaceAll(this.#facts.delimiter, `\\${this.#facts.delimiter}`);
    }
    const { escape, quote } = this.#facts;
    const inner = Array.from(value, (char) => (char === quote || char === escape ? `${escape}${char}` : char)).join("");
    return `${quote}${inner}${quote}`;
  }

  #splitText(row: Buffer): Field[] {
    const fields: Field[] = [];
    let start = 0;
    for (let at = 0; at <= row.length; at += 1) {
      if (row[at] === BACKSLASH && at < row.length) at += 1;
      else if (at === row.length || row[at] === this.#delimiter) {
        const raw = row.toString("latin1", start, at);
        fields.push({ raw, value: raw === this.#facts.nullText ? undefined : unescapeText(raw) });
        start = at + 1;
      }
    }
    return fields;
  }

  #splitCsv(row: Buffer): Field[] {
    const text = row.toString("latin1");
    const fields: Field[] = [];
    let at = 0;
    while (at <= text.length) {
      const field = this.#csvField(text, at);
      fields.push(field);
      at += field.raw.length + 1;
    }
    return fields;
  }

  #csvField(text: string, start: number): Field {
    const { delimiter, escape, nullText, quote } = this.#facts;
    let value = "";
    let quoted = false;
    let everQuoted = false;
    let at = start;
    for (; at < text.length; at += 1) {
      const char = text[at] ?? "";
      const next = text[at + 1];
      if (quoted && char === escape && (next === quote || next === escape)) {
        value += next;
        at += 1;
      } else if (char === quote) {
        quoted = !quoted;
        everQuoted = true;
      } else if (char === delimiter && !quoted) break;
      else value += char;
    }
    const raw = text.slice(start, at);
    return { raw, value: !everQuoted && raw === nullText ? undefined : value };
  }
}

interface Field {
  /** as it came, in latin1 */
  readonly raw: string;
  /** decoded; undefined for NULL */
  readonly value: string | undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

function unescapeText(raw: string): string {
  if (!raw.includes("\\")) return raw;
  return raw.replaceAll(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])/g, (_, code: string) => {
    if (/^x./.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
    return ESCAPES[code] ?? code;
  });
}
