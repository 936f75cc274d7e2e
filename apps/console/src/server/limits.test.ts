import { manualClock } from "@sluice/kernel";
import { expect, test } from "vitest";
import { limited, readBody } from "./limits.ts";

test("a key may be used up to its maximum in each window, and keys do not share it", () => {
  const clock = manualClock();
  const allow = limited({ name: "test", max: 2, windowMs: 1_000 });
  expect([allow(clock, "a"), allow(clock, "a"), allow(clock, "a"), allow(clock, "b")]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  clock.advance(1_000);
  expect(allow(clock, "a")).toBe(true);
});

test("a flood of keys does not grow without bound and still limits the newest", () => {
  const clock = manualClock();
  const allow = limited({ name: "test", max: 1, windowMs: 60_000 });
  for (let at = 0; at < 25_000; at += 1) allow(clock, String(at));
  expect(allow(clock, "24999")).toBe(false);
});

test("a body is read up to its maximum and not beyond, however it was announced", async () => {
  const chunks = (count: number) =>
    new ReadableStream({
      start: (controller) => {
        for (let at = 0; at < count; at += 1) controller.enqueue(new Uint8Array(10));
        controller.close();
      },
    });
  const post = (body: BodyInit, headers: Record<string, string> = {}) =>
    new Request("http://localhost/", Object.assign({ method: "POST", body, headers }, { duplex: "half" }));
  expect(await readBody(post("hello"), 5)).toBe("hello");
  expect(await readBody(post("hello!"), 5)).toBeUndefined();
  expect(await readBody(post(chunks(3)), 29)).toBeUndefined();
  expect(await readBody(post(chunks(3)), 30)).toHaveLength(30);
  expect(await readBody(new Request("http://localhost/", { method: "POST" }), 5)).toBe("");
});
