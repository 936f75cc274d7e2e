import { expect, test } from "vitest";
import { type Turn, Turns } from "./turns.ts";

const HOLDERS = 16;
const PER_TURN = 8;

/** Sessions that take turns on a clock that moves only when it is told to. */
function crowd(size: number) {
  let nowMs = 0;
  let busyShare = 1;
  let looks: (() => void)[] = [];
  const turns = new Turns({ now: () => nowMs, later: (step) => void looks.push(step), busyShare: () => busyShare });
  const wentOn: number[] = [];
  const sessions = Array.from({ length: size }, (_, index) => turns.join(() => () => void wentOn.push(index)));
  const of = (index: number): Turn => {
    const session = sessions[index];
    if (!session) throw new Error(`there is no session ${index}`);
    return session;
  };
  return {
    of,
    /** who was let go on, in order */
    wentOn,
    get looks() {
      return looks.length;
    },
    /** one exchange of a session, answered at once; whether it could begin */
    ask(index: number): boolean {
      const begins = of(index).begin();
      if (begins) of(index).rest();
      return begins;
    },
    pass(ms: number) {
      for (let passed = 0; passed < ms; passed++) {
        nowMs++;
        const due = looks;
        looks = [];
        for (const look of due) look();
      }
    },
    /** the part of its time that the event loop has something to do from now on */
    isBusyFor(share: number) {
      busyShare = share;
    },
    join: () => turns.join(() => () => void wentOn.push(-1)),
  };
}

/** So many sessions that have asked a moment ago. */
function quickCrowd(size: number) {
  const all = crowd(size);
  for (let index = 0; index < size; index++) all.ask(index);
  return all;
}

test("as many as there are turns never wait", () => {
  const all = quickCrowd(HOLDERS);
  for (let round = 0; round < 100; round++)
    for (let index = 0; index < HOLDERS; index++) expect(all.ask(index)).toBe(true);
  expect(all.looks).toBe(0);
});

test("one more waits until somebody has had a turn, and is then served in its order", () => {
  const all = quickCrowd(HOLDERS + 2);
  for (let index = 0; index < HOLDERS; index++) all.of(index).begin();
  expect([all.ask(HOLDERS), all.ask(HOLDERS + 1)]).toEqual([false, false]);
  for (let exchange = 1; exchange < PER_TURN; exchange++) expect(all.ask(0)).toBe(true);
  expect(all.wentOn).toEqual([]);
  expect(all.ask(0)).toBe(false);
  expect(all.wentOn).toEqual([HOLDERS]);
  for (let exchange = 1; exchange < PER_TURN; exchange++) expect(all.ask(1)).toBe(true);
  expect(all.ask(1)).toBe(false);
  expect(all.wentOn).toEqual([HOLDERS, HOLDERS + 1]);
});

test("who asks now and then does not wait, however many others ask without a pause", () => {
  const all = quickCrowd(HOLDERS + 1);
  for (let index = 0; index < HOLDERS; index++) all.of(index).begin();
  const newcomer = all.join();
  expect(newcomer.begin()).toBe(true);
  all.pass(3);
  for (let index = 0; index < HOLDERS; index++) all.of(index).begin();
  all.pass(47);
  for (let index = 0; index < HOLDERS; index++) all.of(index).begin();
  expect(newcomer.begin()).toBe(true);
  expect(newcomer.begin()).toBe(false);
});

test("a statement that takes long gives its turn on", () => {
  const all = quickCrowd(HOLDERS + 1);
  for (let index = 0; index < HOLDERS; index++) all.of(index).begin();
  expect(all.ask(HOLDERS)).toBe(false);
  all.pass(5);
  expect(all.wentOn).toEqual([]);
  all.pass(1);
  expect(all.wentOn).toEqual([HOLDERS]);
});

test("a client that has its answer and says nothing gives its turn on", () => {
  const all = quickCrowd(HOLDERS + 1);
  for (let index = 0; index < HOLDERS; index++) all.of(index).begin();
  all.of(3).rest();
  expect(all.ask(HOLDERS)).toBe(false);
  all.pass(2);
  expect(all.wentOn).toEqual([]);
  all.pass(1);
  expect(all.wentOn).toEqual([HOLDERS]);
  expect(all.looks).toBe(0);
});

test("nobody waits for longer than a tenth of a second", () => {
  const all = quickCrowd(HOLDERS + 1);
  const keepBusy = () => {
    for (let index = 0; index < HOLDERS; index++) all.of(index).begin();
  };
  keepBusy();
  // those that hold a turn and do not give it back, as if each of their statements were another session's
  for (let index = 0; index < HOLDERS; index++)
    Object.defineProperty(all.of(index), "left", { value: 1e9, writable: true });
  expect(all.ask(HOLDERS)).toBe(false);
  for (let ms = 0; ms < 99; ms++) {
    all.pass(1);
    keepBusy();
  }
  expect(all.wentOn).toEqual([]);
  all.pass(1);
  expect(all.wentOn).toEqual([HOLDERS]);
});

test("who ends while it waits is forgotten, and an ended turn goes to the next", () => {
  const all = quickCrowd(HOLDERS + 2);
  for (let index = 0; index < HOLDERS; index++) all.of(index).begin();
  all.ask(HOLDERS);
  all.ask(HOLDERS + 1);
  all.of(HOLDERS).end();
  expect(all.wentOn).toEqual([]);
  all.of(5).end();
  expect(all.wentOn).toEqual([HOLDERS + 1]);
  all.of(5).end();
  expect(all.wentOn).toEqual([HOLDERS + 1]);
});

test("a session that is asked about goes on at once, and only once", () => {
  const all = quickCrowd(HOLDERS + 1);
  for (let index = 0; index < HOLDERS; index++) all.of(index).begin();
  all.ask(HOLDERS);
  all.of(HOLDERS).beginNow();
  all.of(HOLDERS).beginNow();
  all.of(0).beginNow();
  expect(all.wentOn).toEqual([HOLDERS]);
  all.pass(200);
  expect(all.wentOn).toEqual([HOLDERS]);
});

test("what is let go on may begin, rest and end within the call", () => {
  let nowMs = 0;
  const looks: (() => void)[] = [];
  const turns = new Turns({ now: () => nowMs, later: (step) => void looks.push(step), busyShare: () => 1 });
  const others = Array.from({ length: HOLDERS }, () => turns.join(() => () => undefined));
  let ended = 0;
  const short: Turn[] = Array.from({ length: 3 }, (_, index) =>
    turns.join(() => () => {
      short[index]?.end();
      ended++;
    }),
  );
  for (const turn of [...others, ...short]) turn.begin();
  for (const turn of [...others, ...short]) turn.begin();
  expect(ended).toBe(0);
  nowMs = 6;
  looks.shift()?.();
  expect(ended).toBe(3);
});

test("while the event loop has time for all, nobody waits, and who waited goes on", () => {
  const all = quickCrowd(HOLDERS * 3);
  const everybody = () => Array.from({ length: HOLDERS * 3 }, (_, index) => all.ask(index)).filter(Boolean).length;
  expect(everybody()).toBe(HOLDERS);
  all.isBusyFor(0.5);
  all.pass(4);
  expect(all.wentOn.length).toBeLessThan(HOLDERS * 2);
  all.pass(2);
  expect(all.wentOn.length).toBe(HOLDERS * 2);
  for (let round = 0; round < 20; round++) expect(everybody()).toBe(HOLDERS * 3);
  expect(all.looks).toBe(0);
  all.isBusyFor(0.9);
  all.pass(5);
  expect(everybody()).toBeLessThan(HOLDERS * 3);
});
