import { asciiStandsAlone } from "../../languages/encodings.ts";
import type { CopyFacts } from "../../languages/facts.ts";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BACKSLASH = 0x5c;
const DOT = 0x2e;
/** Signature, flags, length of the extension (PostgreSQL documentation, COPY, "Binary Format"). */
const HEADER_BYTES = 19;

/** Counts the rows of a COPY as its data passes, cut anywhere. */
export interface CopyRowCounter {
  /** rows that began so far, without the header */
  readonly rows: number;
  push(source: Buffer, start: number, end: number): void;
}

/** A counter for data of this form. Where the form is not known lines are counted: no fewer than there are rows. */
export function copyRowCounter(copy: CopyFacts | undefined, clientEncoding: string): CopyRowCounter {
  if (copy?.format === "binary") return new BinaryRows();
  // where quotes and backslashes can be halves of characters each newline counts
  if (copy && !asciiStandsAlone(copy.encoding ?? clientEncoding))
    return new LineRows({ ...copy, quote: "", escape: "" }, copy.header);
  return new LineRows(copy?.format === "csv" ? copy : undefined, copy?.header ?? false);
}

/** Lines as the server finds them (CopyReadLineText in copyfromparse.c), of COPY's text form unless `csv` is given. */
class LineRows implements CopyRowCounter {
  readonly #quote: number;
  readonly #escape: number;
  readonly #csv: boolean;
  #lines: number;
  #lineBytes = 0;
  #marker = false;
  #quoted = false;
  #escaped = false;
  #afterReturn = false;
  /** lines end with a carriage return alone */
  #returns: boolean | undefined;

  constructor(csv: CopyFacts | undefined, header: boolean) {
    this.#csv = csv !== undefined;
    this.#quote = csv?.quote.charCodeAt(0) ?? -1;
    // as the same character both only toggle
    this.#escape = csv === undefined || csv.escape === csv.quote ? -1 : csv.escape.charCodeAt(0);
    this.#lines = header ? -1 : 0;
  }

  get rows(): number {
    const begun = this.#lineBytes > 0 && !this.#marker ? 1 : 0;
    return Math.max(0, this.#lines + begun);
  }

  push(source: Buffer, start: number, end: number): void {
    for (let at = start; at < end; at++) this.#byte(source[at] ?? 0);
  }

  #byte(byte: number): void {
    if (this.#afterReturn && byte !== NEWLINE) {
      this.#returns ??= true;
      if (this.#returns) this.#endLine();
    }
    this.#afterReturn = false;
    if (this.#csv ? this.#inQuotes(byte) : this.#isEscaped(byte)) return this.#inLine(byte);
    if (byte === NEWLINE) {
      this.#returns ??= false;
      return this.#endLine();
    }
    if (byte === RETURN) this.#afterReturn = true;
    else this.#inLine(byte);
  }

  #inLine(byte: number): void {
    this.#marker = this.#lineBytes === 0 ? byte === BACKSLASH : this.#marker && this.#lineBytes === 1 && byte === DOT;
    this.#lineBytes++;
  }

  #endLine(): void {
    // a line of `\.` alone ends the data
    if (!(this.#marker && this.#lineBytes === 2)) this.#lines++;
    this.#lineBytes = 0;
    this.#marker = false;
  }

  #isEscaped(byte: number): boolean {
    const escaped = this.#escaped;
    this.#escaped = !escaped && byte === BACKSLASH;
    return escaped;
  }

  #inQuotes(byte: number): boolean {
    if (this.#quoted && byte === this.#escape) this.#escaped = !this.#escaped;
    if (byte === this.#quote && !this.#escaped) this.#quoted = !this.#quoted;
    if (byte !== this.#escape) this.#escaped = false;
    return this.#quoted;
  }
}

/** Tuples: a count of fields, then each one's length and bytes. */
class BinaryRows implements CopyRowCounter {
  rows = 0;
  #reads: "header" | "count" | "length" = "header";
  /** bytes of the number that is being read, and what they say so far */
  #left = HEADER_BYTES;
  #number = 0;
  #fields = 0;
  #skip = 0;

  push(source: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, end - at);
        this.#skip -= skipped;
        at += skipped;
      } else this.#byte(source[at++] ?? 0);
    }
  }

  #byte(byte: number): void {
    // of the header its last four bytes say how much of it follows
    this.#number = ((this.#number << 8) | byte) >>> 0;
    this.#left--;
    if (this.#left > 0) return;
    const number = this.#number;
    this.#number = 0;
    if (this.#reads === "header") {
      this.#skip = number;
      return this.#next("count");
    }
    if (this.#reads === "count") {
      // beyond the end mark, -1, nothing is read
      if (number === 0xffff) this.#skip = Number.POSITIVE_INFINITY;
      else this.rows++;
      this.#fields = number;
      return this.#next(number > 0 && number !== 0xffff ? "length" : "count");
    }
    this.#skip = number === 0xffff_ffff ? 0 : number;
    this.#fields--;
    this.#next(this.#fields > 0 ? "length" : "count");
  }

  #next(reads: "count" | "length"): void {
    this.#reads = reads;
    this.#left = reads === "count" ? 2 : 4;
  }
}
