import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sparingly } from "./sparingly.ts";

describe("sparingly", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("reports the first event at once, then one in a while with how many were left out", () => {
    const said: [string, number][] = [];
    const say = sparingly<string>(1_000, (event, leftOut) => void said.push([event, leftOut]));
    for (const event of ["a", "b", "c"]) say(event);
    vi.advanceTimersByTime(1_000);
    say("d");
    expect(said).toEqual([
      ["a", 0],
      ["d", 2],
    ]);
  });
});
