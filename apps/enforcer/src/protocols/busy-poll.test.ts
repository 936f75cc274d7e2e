import { expect, test } from "vitest";
import { BusyPoll } from "./busy-poll.ts";

/** A loop that turns only when it is told to, on a clock that does not move by itself. */
function loop() {
  let nowMs = 0;
  let turns: (() => void)[] = [];
  const poll = new BusyPoll({ now: () => nowMs, nextTurn: (step) => void turns.push(step) });
  return {
    get awake() {
      return turns.length > 0;
    },
    hear(stream: number, afterMs: number, bytes = 200) {
      nowMs += afterMs;
      poll.handled(stream, bytes);
    },
    turn(afterMs: number) {
      nowMs += afterMs;
      const due = turns;
      turns = [];
      for (const step of due) step();
      return due.length;
    },
    talk(streams: readonly number[], messages: number, afterMs: number) {
      for (let message = 0; message < messages; message++) this.hear(streams[message % streams.length] ?? 0, afterMs);
    },
  };
}

test("one session that talks without a pause keeps the loop awake, with one step at a time", () => {
  const one = loop();
  one.talk([1, 2], 17, 0.1);
  expect(one.awake).toBe(false);
  one.talk([1, 2], 20, 0.1);
  expect(one.turn(0.1)).toBe(1);
  expect(one.awake).toBe(true);
});

test("the loop sleeps half a millisecond after the last message", () => {
  const one = loop();
  one.talk([1, 2], 40, 0.1);
  expect([one.turn(0.2), one.turn(0.2), one.turn(0.2)]).toEqual([1, 1, 1]);
  expect(one.awake).toBe(false);
  expect(one.turn(1)).toBe(0);
});

test("a pause now and then is forgiven, a client that thinks is not waited for", () => {
  const one = loop();
  one.talk([1, 2], 60, 0.1);
  one.turn(1);
  one.hear(1, 5);
  expect(one.awake).toBe(true);
  const thinking = loop();
  for (let exchange = 0; exchange < 200; exchange++) {
    thinking.hear(1, 3);
    thinking.hear(2, 0.1);
  }
  expect(thinking.awake).toBe(false);
});

test("two sessions at once do not keep it awake", () => {
  const two = loop();
  two.talk([1, 2, 3, 4], 400, 0.01);
  expect(two.awake).toBe(false);
});

test("a second session that begins puts it to sleep with the next turn", () => {
  const two = loop();
  two.talk([1, 2], 60, 0.1);
  two.hear(3, 0.01);
  expect(two.turn(0.01)).toBe(1);
  expect(two.awake).toBe(false);
});

test("a large answer puts it to sleep, so that its pieces collect", () => {
  const one = loop();
  one.talk([1, 2], 60, 0.1);
  one.hear(2, 0.1, 8_192);
  expect(one.turn(0.01)).toBe(1);
  expect(one.awake).toBe(false);
});
