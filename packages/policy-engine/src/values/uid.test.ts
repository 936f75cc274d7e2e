import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { internedNames, internUid, type Uid } from "./uid.ts";

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

/** Collects until it holds; the collector clears names and calls back when it likes, so it is asked a few times. */
async function collectedUntil(holds: () => boolean): Promise<boolean> {
  for (let round = 0; round < 50 && !holds(); round += 1) {
    if (typeof collect !== "function") throw new Error("this runtime has no collector to call");
    collect();
    await pause(10);
  }
  return holds();
}

describe("names", () => {
  test("are none at first", () => {
    expect(internedNames()).toBe(0);
  });

  test("that are equal are one object, others are not", () => {
    expect(internUid("User", "ana")).toBe(internUid("User", "ana"));
    expect(internUid("User", "ana") === internUid("User", "bo")).toBe(false);
    expect(internUid("User", "ana") === internUid("Agent", "ana")).toBe(false);
    expect(internUid("__proto__", "constructor")).toBe(internUid("__proto__", "constructor"));
    expect(internUid("User", 'a"').text).toBe('User::"a\\""');
    expect(String(internUid("User", "ana"))).toBe('User::"ana"');
  });

  test("that nobody uses are forgotten, those in use are kept and stay themselves", async () => {
    const kept = internUid("Kept", "k");
    const before = internedNames();
    for (let at = 0; at < 20_000; at += 1) internUid(`Passing${at % 100}`, `name ${at}`);
    expect(internedNames()).toBeGreaterThan(before + 10_000);
    expect(await collectedUntil(() => internedNames() <= before)).toBe(true);
    expect(internUid("Kept", "k")).toBe(kept);
  });

  test("that come back after they were forgotten are one object again, which the late clean-up leaves alone", async () => {
    let forgotten: WeakRef<Uid> | undefined;
    (() => {
      forgotten = new WeakRef(internUid("Again", "a"));
    })();
    // collected, and in the same turn asked for again, before the clean-up of the first one has run
    for (let round = 0; round < 50 && forgotten?.deref() !== undefined; round += 1) {
      await pause(1);
      if (typeof collect === "function") collect();
    }
    const again = internUid("Again", "a");
    await pause(50);
    if (typeof collect === "function") collect();
    await pause(50);
    expect(internUid("Again", "a")).toBe(again);
  });
});
