import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CopyFacts } from "../../languages/facts.ts";
import { copyRowCounter } from "./copy-row-counter.ts";

const TEXT: CopyFacts = {
  direction: "in",
  format: "text",
  delimiter: "\t",
  nullText: "\\N",
  header: false,
  quote: '"',
  escape: '"',
};
const CSV: CopyFacts = { ...TEXT, format: "csv", delimiter: ",", nullText: "" };
const BINARY: CopyFacts = { ...TEXT, format: "binary" };

/** The count, the data pushed in pieces of this size. */
function rowsOf(data: Buffer | string, form: CopyFacts | undefined, pieceBytes: number): number {
  const counter = copyRowCounter(form, "UTF8");
  const bytes = Buffer.from(data);
  for (let at = 0; at < bytes.length; at += pieceBytes)
    counter.push(bytes, at, Math.min(at + pieceBytes, bytes.length));
  return counter.rows;
}

const numbers = (size: 2 | 4, ...values: number[]) => {
  const bytes = Buffer.alloc(values.length * size);
  values.forEach((value, at) => bytes.writeIntBE(value, at * size, size));
  return bytes;
};
const header = (extensionBytes: number) =>
  Buffer.concat([
    Buffer.from("PGCOPY\n\xff\r\n\0", "latin1"),
    numbers(4, 0, extensionBytes),
    Buffer.alloc(extensionBytes, 0xff),
  ]);
const tuple = (...cells: (string | undefined)[]) =>
  Buffer.concat([
    numbers(2, cells.length),
    ...cells.flatMap((cell) =>
      cell === undefined ? [numbers(4, -1)] : [numbers(4, cell.length), Buffer.from(cell, "latin1")],
    ),
  ]);

describe("the rows of a COPY from the client", () => {
  test.each<[string, CopyFacts | undefined, string, number]>([
    ["lines", TEXT, "a\tb\nc\td\n", 2],
    ["a last line without its end", TEXT, "a\nb", 2],
    ["nothing", TEXT, "", 0],
    ["an empty line, which is a row", TEXT, "\n", 1],
    ["an escaped line end within a value", TEXT, "a\\\nb\nc\n", 2],
    ["an escaped backslash before a line end", TEXT, "a\\\\\nb\n", 2],
    ["the mark that ends the data", TEXT, "a\nb\n\\.\n", 2],
    ["what only begins like that mark", TEXT, "\\.a\n\\N\n", 2],
    ["lines that end as on Windows", TEXT, "a\r\nb\r\n", 2],
    ["lines that end with a return alone", TEXT, "a\rb\rc", 3],
    ["a header", { ...TEXT, header: true }, "x\ny\nz\n", 2],
    ["quotes in text, which mean nothing there", TEXT, '"a\nb"\n', 2],
    ["line ends within quotes", CSV, '1,"a\nb"\n2,c\n', 2],
    ["quotes doubled within quotes", CSV, '1,"a""\nb"\n2,"\n"\n', 2],
    ["a backslash in csv, which means nothing there", CSV, "a\\\nb\n", 2],
    ["an escape of its own", { ...CSV, escape: "\\" }, '"a\\"\nb"\nc\n', 2],
    ["that escape escaped", { ...CSV, escape: "\\" }, '"a\\\\"\nb\n', 2],
    ["that escape outside of quotes", { ...CSV, escape: "\\" }, '\\"a\nb"\nc\n', 2],
    ["another quote", { ...CSV, quote: "'" }, "'a\nb'\n\"\n", 2],
    ["a form that is not known: its lines", undefined, '"a\nb"\n', 2],
  ])("are counted: %s", (_what, form, data, rows) => {
    for (const size of [1, 2, 3, 1_000]) expect(rowsOf(data, form, size)).toBe(rows);
  });

  test("are counted in the binary form, whatever its values look like", () => {
    const cell = fc.option(fc.string({ unit: "binary-ascii", maxLength: 12 }), { nil: undefined });
    const rows = fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 8 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 40 }), (cells, extension, size) => {
        const data = Buffer.concat([header(extension), ...cells.map((row) => tuple(...row)), numbers(2, -1)]);
        expect(rowsOf(data, BINARY, size)).toBe(cells.length);
        // beyond its end mark nothing counts
        expect(rowsOf(Buffer.concat([data, tuple("x")]), BINARY, size)).toBe(cells.length);
      }),
    );
  });

  test("are the same however the data is cut", () => {
    const data = fc.array(fc.constantFrom("\n", "\r", '"', "\\", ".", ",", "a"), { maxLength: 30 });
    fc.assert(
      fc.property(
        data,
        fc.constantFrom(TEXT, CSV, { ...CSV, escape: "\\" }),
        fc.integer({ min: 1, max: 9 }),
        (parts, form, size) => {
          expect(rowsOf(parts.join(""), form, size)).toBe(rowsOf(parts.join(""), form, 1_000));
        },
      ),
    );
  });
});
