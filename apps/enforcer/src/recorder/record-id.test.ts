import { expect, test } from "vitest";
import { RecordIds, recordId } from "./record-id.ts";

test("ids are of their time, version and variant, with random bits that differ in every place, beyond one pool", () => {
  const ids = new RecordIds();
  const texts = Array.from({ length: 1_500 }, () => ids.next(0x017f22e279b0).text);
  for (const text of texts) expect(text).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(texts).size).toBe(texts.length);
  const places = Array.from({ length: 36 }, (_, at) => new Set(texts.map((text) => text[at])).size);
  expect(places.slice(15)).toEqual([16, 16, 16, 1, 4, 16, 16, 16, 1, ...Array.from({ length: 12 }, () => 16)]);
  expect(ids.next(0x017f22e279b1).text.slice(0, 14)).toBe("017f22e2-79b1-");
});

test("an id that was given out stays what it was", () => {
  const ids = new RecordIds();
  const first = ids.next(1);
  const { text } = first;
  for (let count = 0; count < 2_000; count++) ids.next(2 + count);
  expect(first.text).toBe(text);
});

test("an id of a text is that text, and of nothing but a UUID", () => {
  const text = "0193a000-0000-7000-8000-00000000000a";
  const bytes = new Uint8Array(38);
  expect(recordId(text).text).toBe(text);
  expect(recordId(text).write(bytes, 1)).toBe(37);
  expect(Buffer.from(bytes).toString()).toBe(`\0${text}\0`);
  for (const other of ["", `${text}0`, text.toUpperCase(), `"${text.slice(1)}`])
    expect(() => recordId(other)).toThrow("UUID");
});
