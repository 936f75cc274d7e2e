import { configureLogs } from "@sluice/telemetry";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { Catalogue } from "../languages/facts.ts";
import { CatalogueKeeper } from "./catalogue-keeper.ts";

beforeAll(() => configureLogs({ level: "silent" }));

const catalogue = (version: string): Catalogue => ({
  version,
  relations: [],
  functions: [],
  relationByOid: new Map(),
  relationByName: new Map(),
  functionsByName: new Map(),
  schemas: [],
});

let keeper: CatalogueKeeper | undefined;
afterEach(() => keeper?.close());

function upstream() {
  const state = {
    fingerprint: "a",
    loads: 0,
    connections: 0,
    reading: 0,
    readingMost: 0,
    down: false,
    loaded: [] as string[],
  };
  keeper = new CatalogueKeeper({
    resource: "shop",
    connect: async () => {
      if (state.down) throw new Error("down");
      state.connections++;
      return { query: async () => [], close: () => undefined };
    },
    fingerprint: async () => {
      if (state.down) throw new Error("down");
      state.reading++;
      state.readingMost = Math.max(state.readingMost, state.reading);
      await new Promise((resolve) => setImmediate(resolve));
      state.reading--;
      return state.fingerprint;
    },
    load: async () => {
      state.loads++;
      return catalogue(state.fingerprint);
    },
    onLoaded: ({ version }) => void state.loaded.push(version),
  });
  return { keeper, state };
}

test("loads at start and again only when the upstream's fingerprint moved", async () => {
  const { keeper: kept, state } = upstream();
  await kept.start();
  await kept.refresh();
  expect(state).toMatchObject({ loads: 1, connections: 1, loaded: ["a"] });
  state.fingerprint = "b";
  await kept.refresh();
  expect(kept.current()?.version).toBe("b");
  expect(state.loaded).toEqual(["a", "b"]);
});

test("answers many askers of one moment with at most one load more than is under way", async () => {
  const { keeper: kept, state } = upstream();
  await kept.start();
  state.fingerprint = "b";
  const asked = Array.from({ length: 50 }, () => kept.refresh());
  state.fingerprint = "c";
  await Promise.all([...asked, kept.refresh()]);
  expect(kept.current()?.version).toBe("c");
  expect(state.loads).toBeLessThanOrEqual(3);
});

test("reads once at a time, also for who asks between one reading and the next", async () => {
  const { keeper: kept, state } = upstream();
  await kept.start();
  const first = kept.refresh();
  const between = first.then(() => kept.refresh());
  await Promise.all([first, between, kept.refresh()]);
  expect(state.readingMost).toBe(1);
});

test("keeps the last snapshot while the upstream is away, and connects anew afterwards", async () => {
  const { keeper: kept, state } = upstream();
  await kept.start();
  state.down = true;
  await expect(kept.refresh()).rejects.toThrow("down");
  expect(kept.current()?.version).toBe("a");
  state.down = false;
  state.fingerprint = "b";
  await kept.refresh();
  expect(kept.current()?.version).toBe("b");
  expect(state.connections).toBe(2);
});

test("has no snapshot, and says so, as long as the upstream was never reached", async () => {
  const { keeper: kept, state } = upstream();
  state.down = true;
  await kept.start();
  expect(kept.current()).toBeUndefined();
});
