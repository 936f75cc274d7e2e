import { expect, test } from "vitest";
import type { FlipGroup } from "../schemas.ts";
import { countByKind, flipsBy } from "./flip-words.ts";

const group = (changed: Partial<FlipGroup>): FlipGroup => ({
  kind: "allowed_to_refused",
  policies: ["a"],
  principal: 'Agent::"copilot"',
  onBehalfOf: 'User::"ana"',
  action: "sql.read.select",
  resource: 'Table::"shop/public.customers"',
  count: 1,
  exchangeIds: [],
  ...changed,
});

test("flips stand under each policy that makes them, the most first", () => {
  const flips = [group({ policies: ["a", "b"], count: 2 }), group({ policies: ["b"] }), group({ policies: [] })];
  expect(flipsBy(flips, "policy").map(({ name, count }) => [name, count])).toEqual([
    ["b", 3],
    ["a", 2],
    ["no policy permits it", 1],
  ]);
});

test("an agent is named with the person it acts for, and kinds are added up", () => {
  const flips = [group({}), group({ kind: "masked_to_clear", count: 4 }), group({ count: 2, onBehalfOf: "" })];
  expect(flipsBy(flips, "principal").map(({ name }) => name)).toEqual([
    'Agent::"copilot" for User::"ana"',
    'Agent::"copilot"',
  ]);
  expect(flipsBy(flips, "resource")).toHaveLength(1);
  expect(countByKind(flips)).toEqual([
    { kind: "allowed_to_refused", count: 3 },
    { kind: "masked_to_clear", count: 4 },
  ]);
});
