import { configureLogs } from "@sluice/telemetry";
import { beforeAll, describe, expect, test } from "vitest";
import { fuzzKinds } from "./fixtures/conversation-fuzz.ts";

beforeAll(() => configureLogs({ level: "silent" }));

// `npm test` runs more of them (test/fuzz/postgres.integration.test.ts), `npm run fuzz -- postgres` as many as one likes.
describe("generated conversations through a session", () => {
  test.each([
    ["are what they would be with a server that refuses by itself, hidden values apart", "likeTheReference"],
    ["get the same bytes however both sides' bytes are split, at every byte too", "splitAnywhere"],
    ["execute only what was judged, whatever names stand for and however late answers come", "namesGame"],
    ["of a hostile client execute only what was judged, show nothing hidden, stay in step or end", "hostileClient"],
    ["of a hostile upstream end in step or with its fault named, never with one of our own", "hostileUpstream"],
    ["of an upstream that says what nobody asked for end in step or with its fault named", "intrudingUpstream"],
  ])("%s", { timeout: 60_000 }, async (_guarantee, kind) => {
    const problems: string[] = [];
    for (let seed = 1; seed <= 400; seed++) {
      for (const problem of (await fuzzKinds[kind]?.(seed)) ?? ["no such kind"])
        problems.push(`seed ${seed}: ${problem}`);
    }
    expect(problems).toEqual([]);
  });
});
