import { expect, test } from "vitest";
import type { RecordRow } from "../../audit/schemas.ts";
import { feedRowsMax, nextFeed, startFeed } from "./feed.ts";

function record(id: string, verdict: RecordRow["verdict"] = "allow"): RecordRow {
  return {
    id,
    at: "2026-11-22T12:00:00.000Z",
    kind: "exchange",
    enforcerId: "e",
    seq: 1,
    sessionId: null,
    resource: null,
    principal: { type: "User", id: "ana", name: "Ana" },
    onBehalfOf: null,
    verdict,
    status: "ok",
    actions: [],
    objects: [],
    classes: [],
    policies: [],
    reason: null,
    statement: null,
    statementCut: false,
    rows: null,
    maskedCells: null,
    durationUs: null,
    error: null,
    approvalId: null,
    bundleVersion: null,
  };
}

function came(...records: RecordRow[]) {
  return records.map((each) => ({ record: each, update: false }));
}

test("puts what is new on top, newest first", () => {
  const feed = nextFeed(startFeed([record("a")]), {
    kind: "came",
    events: came(record("b"), record("c")),
    hold: false,
  });
  expect(feed.shown.map((each) => each.id)).toEqual(["c", "b", "a"]);
});

test("holds what is new while the reader is elsewhere, and moves nothing", () => {
  const before = startFeed([record("a")]);
  const feed = nextFeed(before, { kind: "came", events: came(record("b")), hold: true });
  expect(feed.shown.map((each) => each.id)).toEqual(["a"]);
  expect(feed.held.map((each) => each.id)).toEqual(["b"]);
  expect(nextFeed(feed, { kind: "release" }).shown.map((each) => each.id)).toEqual(["b", "a"]);
});

test("replaces a record in place when its outcome comes, shown or held", () => {
  const held = nextFeed(startFeed([record("a", "ask")]), {
    kind: "came",
    events: came(record("b", "ask")),
    hold: true,
  });
  const feed = nextFeed(held, { kind: "came", events: came(record("a", "allow"), record("b", "deny")), hold: true });
  expect(feed.shown.map((each) => each.verdict)).toEqual(["allow"]);
  expect(feed.held.map((each) => each.verdict)).toEqual(["deny"]);
});

test("keeps at most its maximum", () => {
  const many = Array.from({ length: feedRowsMax + 5 }, (_, index) => record(String(index)));
  expect(nextFeed(startFeed([]), { kind: "came", events: came(...many), hold: false }).shown).toHaveLength(feedRowsMax);
});
