import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EntityInput } from "./contract.ts";
import { createSnapshot, entityUid, loadCedar, value } from "./index.ts";
import { Snapshot } from "./snapshot.ts";

const group = (id: string) => entityUid("Group", id);
const entity = (id: string, ...parents: string[]): EntityInput => ({
  uid: group(id),
  attrs: {},
  parents: parents.map(group),
});
const none = { actions: [] };

function ancestors(snapshot: unknown, id: string): string[] | undefined {
  if (!(snapshot instanceof Snapshot)) throw new TypeError("not a snapshot");
  const node = snapshot.node(group(id));
  return node && [...node.ancestors].map((uid) => uid.id).sort();
}

describe("a snapshot", () => {
  test("knows ancestors through parents that it does not hold, and survives cycles", () => {
    const snapshot = createSnapshot([entity("a", "b"), entity("c", "d"), entity("d", "c")], none);
    expect(ancestors(snapshot, "a")).toEqual(["b"]);
    expect(ancestors(snapshot, "c")).toEqual(["c", "d"]);
  });

  test("counts and finds what it holds, through additions, replacements and removals", () => {
    const first = createSnapshot([entity("a"), entity("b")], none);
    const second = first.with([entity("b"), entity("c")], [group("a"), group("nowhere")]);
    expect([first.size, second.size]).toEqual([2, 2]);
    expect(["a", "b", "c"].map((id) => first.has(group(id)))).toEqual([true, true, false]);
    expect(["a", "b", "c"].map((id) => second.has(group(id)))).toEqual([false, true, true]);
    expect(second.with([entity("d")]).size).toBe(3);
    expect(second.with([entity("d")]).has({ type: "Group", id: "d" })).toBe(true);
  });

  test("forgets ancestors when one of several entities removed at once was among them", () => {
    const first = createSnapshot([entity("a", "b"), entity("b", "c"), entity("leaf")], none);
    const second = first.with([], [group("leaf"), group("b")]);
    expect(ancestors(second, "a")).toEqual(["b"]);
    expect(ancestors(first, "a")).toEqual(["b", "c"]);
  });

  test("reaches the same ancestors by any series of changes as when built at once", () => {
    const ids = ["a", "b", "c", "d", "e"];
    const change = fc.record({
      id: fc.constantFrom(...ids),
      parents: fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 2 }),
      gone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const now = new Map<string, EntityInput>();
        let snapshot = createSnapshot([], none);
        for (const { id, parents, gone } of changes) {
          if (gone) now.delete(id);
          else now.set(id, entity(id, ...parents));
          snapshot = gone ? snapshot.with([], [group(id)]) : snapshot.with([entity(id, ...parents)]);
        }
        const atOnce = createSnapshot(now.values(), none);
        expect(snapshot.size).toBe(atOnce.size);
        for (const id of ids) expect(ancestors(snapshot, id), id).toEqual(ancestors(atOnce, id));
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  test("shares what an overlay leaves alone, and still finds its policies after thousands of overlays", () => {
    const loaded = loadCedar({ staticPolicies: {} });
    const base = createSnapshot(
      Array.from({ length: 500 }, (_, at) => entity(`g${at}`)),
      none,
    );
    const grown = base.with(Array.from({ length: 400 }, (_, at) => entity(`x${at}`, "g1")));
    expect(grown.size).toBe(900);
    expect(ancestors(grown, "x399")).toEqual(["g1"]);
    expect(base.has(group("x1"))).toBe(false);
    for (let at = 0; loaded.ok && at < 5_000; at += 1) {
      const entities = base.with([entity(`t${at}`, "g1")]);
      const request = { principal: group("g1"), action: entityUid("Action", "a"), resource: group(`t${at}`), entities };
      expect(loaded.value.authorize({ ...request, context: value.record({}) }).decision).toBe("deny");
    }
  });
});
