import { expect, test } from "vitest";
import type { StoredReport } from "./add-reports.ts";
import { groupsOf, totalsOf } from "./add-reports.ts";
import { type EnforcerOfRun, enforcerPart } from "./enforcer-part.ts";

const enforcer: EnforcerOfRun = {
  id: "0193a000-0000-7000-8000-000000000001",
  name: "main-1",
  status: "online",
  version: "0.1.0",
  capabilities: ["shadow.v1"],
  site: { name: "Main" },
};
const group = {
  kind: "allowed_to_refused",
  policies: ["no-reads"],
  principal: 'User::"ana"',
  onBehalfOf: "",
  action: "sql.read.select",
  resource: 'Table::"shop/public.customers"',
  count: 2,
  exchangeIds: ["a", "b"],
};
const report: StoredReport = {
  enforcerId: enforcer.id,
  state: "running",
  reasonCode: "",
  reason: "",
  decided: 10n,
  repeated: 1n,
  dropped: 2n,
  unreplayable: 3n,
  failed: 0n,
  flips: 2n,
  ungrouped: 0n,
  candidateUs: 95n,
  groups: [group],
  firstAt: new Date(0),
  reportedAt: new Date(1_000),
};

test("an enforcer's processes are added up, and the newest says how it stands", () => {
  const part = enforcerPart(
    enforcer,
    [report, { ...report, state: "failed", reason: "Too slow.", reasonCode: "x" }],
    "running",
  );
  expect(part).toMatchObject({ state: "failed", decided: 20, flips: 4, dropped: 4, meanUs: 9.5, restarts: 1 });
  expect(part.problem).toContain("Too slow. (x)");
  expect(part.problem).toContain("answered as always");
});

test.each([
  ["too_old", { capabilities: [] }, [], "running", "Update it"],
  ["offline", { status: "offline" }, [], "running", "has not run"],
  ["offline", { status: "offline" }, [report], "running", "reports when it is back"],
  ["waiting", {}, [], "running", null],
  ["running", {}, [report], "running", null],
  ["ended", { status: "offline" }, [report], "ended", null],
  ["stopped", {}, [report], "stopped", null],
  ["refused", {}, [{ ...report, state: "refused", reason: "Wrong site." }], "stopped", "Wrong site."],
] as const)("an enforcer stands at %s, and what is wrong has a next step", (state, changed, reports, run, words) => {
  const part = enforcerPart({ ...enforcer, ...changed }, reports, run);
  expect(part.state).toBe(state);
  if (words === null) expect(part.problem).toBeNull();
  else expect(part.problem).toContain(words);
});

test("equal groups of several processes are one, the gravest first, with a handful of examples", () => {
  const shown = { ...group, kind: "masked_to_clear", count: 1, exchangeIds: ["c"] };
  const groups = groupsOf([report, { ...report, groups: [shown, { ...group, exchangeIds: ["d", "e", "f", "g"] }] }]);
  expect(groups.map(({ kind, count }) => [kind, count])).toEqual([
    ["masked_to_clear", 1],
    ["allowed_to_refused", 4],
  ]);
  expect(groups[1]?.exchangeIds).toEqual(["a", "b", "d", "e", "f"]);
  expect(totalsOf([report, report])).toMatchObject({ decided: 20, unreplayable: 6 });
});
