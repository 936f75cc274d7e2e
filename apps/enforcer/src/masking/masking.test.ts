import type { MaskStrategy } from "@sluice/policy-engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Catalogue, CatalogueRelation, OutputLineage } from "../languages/facts.ts";
import { NULL_CELL } from "./cell-mask.ts";
import { CELL_EXTRA_BYTES_MAX, cellMaskFor } from "./cells.ts";
import {
  type ByteSink,
  type HiddenColumn,
  type MaskDemand,
  planCopyMasks,
  planRowMasks,
  type WireField,
} from "./index.ts";

const CUSTOMERS: CatalogueRelation = {
  oid: 20_000,
  schema: "public",
  name: "customers",
  kind: "table",
  columns: [
    { name: "id", number: 1, typeOid: 23 },
    { name: "email", number: 2, typeOid: 25 },
    { name: "note", number: 3, typeOid: 25 },
  ],
};
const VIEW: CatalogueRelation = { ...CUSTOMERS, oid: 20_001, name: "contacts", kind: "view" };

const CATALOGUE: Catalogue = {
  version: "1",
  relations: [CUSTOMERS, VIEW],
  functions: [],
  relationByOid: new Map([CUSTOMERS, VIEW].map((relation) => [relation.oid, relation])),
  relationByName: new Map([CUSTOMERS, VIEW].map((relation) => [`public.${relation.name}`, relation])),
  functionsByName: new Map(),
  schemas: ["public"],
};

const EMAIL: HiddenColumn = {
  schema: "public",
  table: "customers",
  column: "email",
  dataClass: "email",
  strategy: "partial",
};
const KEY = Buffer.alloc(32, 7).toString("base64url");

function field(columnNumber: number, over: Partial<WireField> = {}): WireField {
  return { name: "x", tableOid: 20_000, columnNumber, typeOid: columnNumber === 1 ? 23 : 25, format: 0, ...over };
}

function source(column: string, exact = true): OutputLineage {
  return { sources: [{ schema: "public", table: "customers", column }], exact, unknown: false };
}

function demand(lineage: MaskDemand["lineage"], hidden: readonly HiddenColumn[] = [EMAIL]): MaskDemand {
  return { hidden, lineage, catalogue: CATALOGUE, maskKey: KEY };
}

function sinkOf(bytes = 64): ByteSink & { taken(): Buffer } {
  let buffer = Buffer.alloc(bytes);
  const sink = {
    length: 0,
    reserve(more: number) {
      if (sink.length + more > buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(buffer.length + more)]);
      return buffer;
    },
    taken: () => buffer.subarray(0, sink.length),
  };
  return sink;
}

function frame(cells: readonly (Buffer | string | null)[]): Buffer {
  const parts = cells.flatMap((cell) => {
    const bytes = cell === null ? undefined : Buffer.from(cell);
    const length = Buffer.alloc(4);
    length.writeInt32BE(bytes ? bytes.length : -1);
    return bytes ? [length, bytes] : [length];
  });
  const head = Buffer.alloc(7);
  head.write("D");
  head.writeInt32BE(
    parts.reduce((sum, part) => sum + part.length, 6),
    1,
  );
  head.writeInt16BE(cells.length, 5);
  return Buffer.concat([head, ...parts]);
}

function cellsOf(row: Buffer): (Buffer | null)[] {
  expect(row.readInt32BE(1)).toBe(row.length - 1);
  const cells: (Buffer | null)[] = [];
  let at = 7;
  for (let cell = row.readInt16BE(5); cell > 0; cell -= 1) {
    const length = row.readInt32BE(at);
    cells.push(length < 0 ? null : row.subarray(at + 4, at + 4 + length));
    at += 4 + Math.max(0, length);
  }
  expect(at).toBe(row.length);
  return cells;
}

function maskOne(
  fields: readonly WireField[],
  lineage: MaskDemand["lineage"],
  cells: readonly (Buffer | string | null)[],
  hidden = [EMAIL],
) {
  const masker = planRowMasks(fields, demand(lineage, hidden));
  if (masker === "clear") return "clear";
  const sink = sinkOf();
  const row = frame(cells);
  masker.maskRow(row, 0, row.length, sink);
  return cellsOf(sink.taken()).map((cell) => (cell === null ? null : cell.toString()));
}

describe("which columns are hidden", () => {
  it("hides a column that the wire names, and only that", () => {
    expect(maskOne([field(1), field(2)], [source("id"), source("email")], ["1", "ana@example.com"])).toEqual([
      "1",
      "a***@e***.com",
    ]);
  });

  it("lets rows pass untouched when nothing can carry a hidden value", () => {
    expect(maskOne([field(1)], [source("id")], ["1"])).toBe("clear");
    expect(maskOne([field(0, { tableOid: 0 })], [{ sources: [], exact: false, unknown: false }], ["1"])).toBe("clear");
  });

  it("hides what lineage names where the wire names nothing, and redacts what is computed", () => {
    expect(maskOne([field(0, { tableOid: 0 })], [source("email", false)], ["ANA@EXAMPLE.COM"])).toEqual(["***"]);
  });

  it("hides everything whose origin is unknown, but not what the wire proves to be another base column", () => {
    expect(maskOne([field(1), field(0, { tableOid: 0 })], "unknown", ["1", "x"])).toEqual(["1", "***"]);
    expect(maskOne([field(1, { tableOid: 20_001 })], "unknown", ["1"])).toEqual([null]);
    expect(maskOne([field(1)], [source("id"), source("id")], ["1"])).toBe("clear");
  });

  it("hides everything of a table that the catalogue does not hold", () => {
    expect(maskOne([field(3, { tableOid: 99_999 })], [source("note")], ["x"])).toEqual(["***"]);
  });

  it("hides everything where lineage and the wire disagree", () => {
    expect(maskOne([field(3, { tableOid: 20_001 })], [source("note")], ["x"])).toEqual(["***"]);
  });

  it("takes the strongest of several classes", () => {
    const other: HiddenColumn = { ...EMAIL, dataClass: "secret", strategy: "null" };
    expect(maskOne([field(2)], [source("email")], ["ana@example.com"], [EMAIL, other])).toEqual([null]);
  });

  it("gives NULL the same replacement where a hidden value decided whether there is one", () => {
    const computed = field(2, { tableOid: 0, columnNumber: 0 });
    const shown = ["x", null].map((cell) => maskOne([computed], [source("email", false)], [cell]));
    expect(shown).toEqual([["***"], ["***"]]);
    expect(maskOne([computed], "unknown", [null])).toEqual(["***"]);
  });

  it("counts hidden cells by class and leaves NULL as NULL", () => {
    const masker = planRowMasks([field(2)], demand([source("email")]));
    if (masker === "clear") throw new Error("not planned");
    const sink = sinkOf();
    for (const cell of ["ana@example.com", null, "bo@example.com"]) {
      const row = frame([cell]);
      masker.maskRow(row, 0, row.length, sink);
    }
    expect(masker.maskedCells).toEqual({ email: 2 });
  });

  it("throws on a frame that is not a whole DataRow", () => {
    const masker = planRowMasks([field(2)], demand([source("email")]));
    if (masker === "clear") throw new Error("not planned");
    const row = frame(["ana@example.com"]);
    for (let end = 0; end < row.length; end += 1) expect(() => masker.maskRow(row, 0, end, sinkOf())).toThrow();
    const wide = frame(["a", "b"]);
    expect(() => masker.maskRow(wide, 0, wide.length, sinkOf())).toThrow();
  });
});

function maskCell(
  value: Buffer,
  kind: { strategy: MaskStrategy; dataClass: string; typeOid: number; format: number },
): Buffer | null {
  const target = Buffer.alloc(value.length + CELL_EXTRA_BYTES_MAX);
  const end = cellMaskFor({ ...kind, maskKey: KEY })(value, 0, value.length, target, 0);
  return end === NULL_CELL ? null : target.subarray(0, end);
}

function partial(dataClass: string, value: string): string | undefined {
  return maskCell(Buffer.from(value), { strategy: "partial", dataClass, typeOid: 25, format: 0 })?.toString();
}

describe("how values are hidden", () => {
  it.each([
    ["email", "ana@example.com", "a***@e***.com"],
    ["email", "a@example.com", "***"],
    ["email", "not an address", "***"],
    ["email", "a@b@c.com", "***"],
    ["email", "né@exemple.fr", "***"],
    ["email", "ana@localhost", "***"],
    ["card", "4111 1111 1111 1234", "**** **** **** 1234"],
    ["card", "4111-1111-1111-1234", "**** **** **** 1234"],
    ["card", "1234", "***"],
    ["card", "card 4111111111111234", "***"],
    ["ssn", "123-45-6789", "***-**-6789"],
    ["ssn", "123456789", "***-**-6789"],
    ["ssn", "12-45-6789", "***"],
    ["phone", "+33 6 12 34 56 78", "+** * ** ** ** 78"],
    ["phone", "12", "***"],
    ["name", "Ana", "***"],
    ["name", "Anatole", "A***"],
  ])("shows of %s %s only %s", (dataClass, value, expected) => {
    expect(partial(dataClass, value)).toBe(expected);
  });

  it("gives tokens that join within a class, over types and formats, and nowhere else", () => {
    const token = (dataClass: string, value: string) =>
      maskCell(Buffer.from(value), { strategy: "hmac", dataClass, typeOid: 25, format: 0 })?.toString();
    expect(token("email", "x")).toBe(token("email", "x"));
    expect(token("email", "x")).not.toBe(token("email", "y"));
    expect(token("email", "x")).not.toBe(token("phone", "x"));
    const text = maskCell(Buffer.from("42"), { strategy: "hmac", dataClass: "n", typeOid: 23, format: 0 });
    const binary = maskCell(Buffer.from([0, 0, 0, 42]), { strategy: "hmac", dataClass: "n", typeOid: 23, format: 1 });
    expect(binary?.readInt32BE(0).toString()).toBe(text?.toString());
    const id = "0f8fad5b-d9cb-469f-a165-70867728950e";
    const uuid = maskCell(Buffer.from(id), { strategy: "hmac", dataClass: "n", typeOid: 2950, format: 0 })?.toString();
    const raw = maskCell(Buffer.from(id.replaceAll("-", ""), "hex"), {
      strategy: "hmac",
      dataClass: "n",
      typeOid: 2950,
      format: 1,
    });
    expect(raw?.toString("hex")).toBe(uuid?.replaceAll("-", ""));
  });

  it("never passes a value, whatever its bytes, type, format and strategy, and stays within bounds", () => {
    const types = fc.constantFrom(
      16,
      17,
      18,
      19,
      20,
      21,
      23,
      25,
      114,
      142,
      700,
      1043,
      1082,
      1184,
      1700,
      2950,
      3802,
      1009,
      99_999,
    );
    const strategies = fc.constantFrom<MaskStrategy>("null", "redact", "hmac", "partial");
    const classes = fc.constantFrom("email", "phone", "card", "ssn", "name");
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 4, maxLength: 300 }),
        types,
        fc.constantFrom(0, 1),
        strategies,
        classes,
        (bytes, typeOid, format, strategy, dataClass) => {
          const value = Buffer.from(bytes);
          const shown = maskCell(value, { strategy, dataClass, typeOid, format });
          if (shown === null) return;
          expect(shown.length).toBeLessThanOrEqual(value.length + CELL_EXTRA_BYTES_MAX);
          expect(shown.equals(value) || shown.includes(value)).toBe(false);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("keeps integers integers, JSON JSON and binary widths", () => {
    for (const [typeOid, width] of [
      [21, 2],
      [23, 4],
      [20, 8],
    ] as const) {
      const shown = maskCell(Buffer.alloc(width, 1), { strategy: "hmac", dataClass: "n", typeOid, format: 1 });
      expect(shown?.length).toBe(width);
      expect(maskCell(Buffer.from("12"), { strategy: "redact", dataClass: "n", typeOid, format: 0 })).toBeNull();
    }
    expect(
      JSON.parse(
        maskCell(Buffer.from("{}"), { strategy: "redact", dataClass: "n", typeOid: 114, format: 0 })?.toString() ?? "",
      ),
    ).toBe("***");
    expect(
      maskCell(Buffer.from([1, 123, 125]), { strategy: "redact", dataClass: "n", typeOid: 3802, format: 1 })?.[0],
    ).toBe(1);
  });

  it("rewrites rows of any shape without touching the cells that pass", () => {
    const cell = fc.option(
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
      { nil: null },
    );
    fc.assert(
      fc.property(cell, cell, cell, (id, email, note) => {
        const fields = [field(1), field(2), field(3)];
        const masker = planRowMasks(fields, demand([source("id"), source("email"), source("note")]));
        if (masker === "clear") throw new Error("not planned");
        const sink = sinkOf();
        const padded = Buffer.concat([Buffer.from("xx"), frame([id, email, note]), Buffer.from("yy")]);
        masker.maskRow(padded, 2, padded.length - 2, sink);
        const shown = cellsOf(sink.taken());
        expect(shown[0]).toEqual(id);
        expect(shown[2]).toEqual(note);
        expect(shown[1] === null).toBe(email === null);
      }),
    );
  });
});

describe("COPY", () => {
  const facts = { direction: "out", delimiter: "\t", nullText: "\\N", header: false, quote: '"', escape: '"' } as const;

  function copied(...given: Parameters<typeof messages>): Buffer {
    return Buffer.concat(messages(...given));
  }

  /** The CopyData messages of a stream that came in pieces of so many bytes. */
  function messages(
    format: "text" | "csv" | "binary",
    stream: Buffer,
    split: number,
    over: { header?: boolean } = {},
  ): Buffer[] {
    const copy = { ...facts, ...(format === "csv" ? { delimiter: ",", nullText: "" } : {}), ...over, format };
    const planned = planCopyMasks(
      "",
      { format, columns: 2, clientEncoding: "UTF8" },
      { ...demand([source("id"), source("email")]), copy },
    );
    if (planned === "clear" || "refuse" in planned) throw new Error("not planned");
    const sink = sinkOf();
    for (let at = 0; at < stream.length; at += split)
      planned.push(stream, at, Math.min(stream.length, at + split), sink);
    planned.end(sink);
    const parts: Buffer[] = [];
    const out = sink.taken();
    for (let at = 0; at < out.length; ) {
      expect(out[at]).toBe(0x64);
      const length = out.readInt32BE(at + 1);
      parts.push(out.subarray(at + 5, at + 1 + length));
      at += 1 + length;
    }
    return parts;
  }

  it("hides values in text form, split anywhere", () => {
    const stream = Buffer.from("1\tana@example.com\n2\t\\N\n3\ta\\tb@example.com\n");
    for (let split = 1; split <= stream.length; split += 1) {
      expect(copied("text", stream, split).toString()).toBe("1\ta***@e***.com\n2\t\\N\n3\t***\n");
    }
  });

  it("hides values in csv form with quotes, line breaks and a header, split anywhere", () => {
    const stream = Buffer.from('id,email\n1,"ana@example.com"\n2,\n3,"a ""b""\nc@d.com"\n');
    for (let split = 1; split <= stream.length; split += 1) {
      const shown = copied("csv", stream, split, { header: true }).toString();
      expect(shown).toBe('id,email\n1,"a***@e***.com"\n2,\n3,"***"\n');
    }
  });

  it("hides values in binary form, split anywhere", () => {
    const header = Buffer.concat([Buffer.from("PGCOPY\n\xff\r\n\0", "latin1"), Buffer.alloc(8)]);
    const tuple = (cells: readonly (string | null)[]) => frame(cells).subarray(5);
    const stream = Buffer.concat([
      header,
      tuple(["1", "ana@example.com"]),
      tuple(["2", null]),
      Buffer.from([0xff, 0xff]),
    ]);
    for (let split = 1; split <= stream.length; split += 1) {
      const shown = copied("binary", stream, split);
      expect(shown).toEqual(
        Buffer.concat([header, tuple(["1", "a***@e***.com"]), tuple(["2", null]), Buffer.from([0xff, 0xff])]),
      );
    }
  });

  it("sends the binary header with the first row, as the server does and clients read it", () => {
    const header = Buffer.concat([Buffer.from("PGCOPY\n\xff\r\n\0", "latin1"), Buffer.alloc(8)]);
    const row = frame(["1", "ana@example.com"]).subarray(5);
    const trailer = Buffer.from([0xff, 0xff]);
    const [first, ...others] = messages("binary", Buffer.concat([header, row, trailer]), 1_000);
    expect(first?.subarray(0, header.length)).toEqual(header);
    expect(first?.length).toBeGreaterThan(header.length);
    expect(others).toEqual([trailer]);
    expect(messages("binary", Buffer.concat([header, trailer]), 1_000)).toEqual([Buffer.concat([header, trailer])]);
  });

  it("passes nothing of a row whose columns it cannot tell apart", () => {
    expect(copied("text", Buffer.from("1\tana@example.com\tmore\n"), 5).toString()).toBe("\\N\t\\N\n");
  });

  it("refuses a COPY whose form it does not know", () => {
    const planned = planCopyMasks("", { format: "csv", columns: 1, clientEncoding: "UTF8" }, demand([source("email")]));
    expect(planned).toHaveProperty("refuse");
  });
});
