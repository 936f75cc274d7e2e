import { noObligations, type Verdict } from "@sluice/policy-engine";
import { expect, test } from "vitest";
import { differenceOf } from "./compare.ts";
import type { Answer, AnsweredPair } from "./messages.ts";

const pair = (action: string, verdict: Verdict["kind"], ...policies: string[]): AnsweredPair => ({
  action,
  resource: action === "unmask" ? { type: "DataClass", id: "email" } : { type: "Table", id: "shop/public.customers" },
  verdict,
  policies,
});
const answer = (kind: Answer["kind"], ...decisions: AnsweredPair[]): Answer => ({
  kind,
  decisions,
  obligations: noObligations,
  workflows: [],
});
const read = pair("sql.read.select", "allow", "engineers-read");

test("the same answer is no difference, and neither is another policy that gives it", () => {
  expect(differenceOf(answer("allow", read), answer("allow", read))).toBeUndefined();
  const other = pair("sql.read.select", "allow", "everybody-reads");
  expect(differenceOf(answer("allow", read), answer("allow", other))).toBeUndefined();
  const [left, right] = [pair("sql.ddl.alter", "deny", "a"), pair("sql.ddl.alter", "deny", "b")];
  expect(differenceOf(answer("deny", left), answer("deny", right))).toBeUndefined();
});

test("a flip names the policies of the pair that flips, and the old ones where nothing decides any more", () => {
  const forbidden = answer("deny", read, pair("sql.write.update", "deny", "no-writes"));
  const allowed = answer("allow", read, pair("sql.write.update", "allow", "writers"));
  expect(differenceOf(allowed, forbidden)).toEqual({
    kind: "allowed_to_refused",
    policies: ["no-writes"],
    action: "sql.write.update",
    resource: 'Table::"shop/public.customers"',
  });
  expect(differenceOf(forbidden, allowed)).toMatchObject({ kind: "refused_to_allowed", policies: ["writers"] });
  const nothingPermits = answer("deny", read, pair("sql.write.update", "deny"));
  expect(differenceOf(allowed, nothingPermits)).toMatchObject({ kind: "allowed_to_refused", policies: ["writers"] });
});

test.each([
  ["allow", "ask", "allowed_to_asked"],
  ["ask", "allow", "asked_to_allowed"],
  ["ask", "deny", "asked_to_refused"],
  ["deny", "ask", "refused_to_asked"],
] as const)("from %s to %s is %s", (was, now, kind) => {
  expect(differenceOf(answer(was, pair("a", was, "p")), answer(now, pair("a", now, "q")))).toMatchObject({ kind });
});

test("what would be shown is told before what would be hidden, and a refused exchange shows nothing", () => {
  const hidden = answer("allow", read, pair("unmask", "deny"), pair("unmask", "allow", "support-sees"));
  const shown = answer("allow", read, pair("unmask", "allow", "all-see"), pair("unmask", "deny"));
  expect(differenceOf(hidden, shown)).toMatchObject({
    kind: "masked_to_clear",
    policies: ["all-see"],
    resource: 'DataClass::"email"',
  });
  const clear = answer("allow", read, pair("unmask", "allow", "all-see"));
  const masked = answer("allow", read, pair("unmask", "deny"));
  expect(differenceOf(clear, masked)).toMatchObject({ kind: "clear_to_masked", policies: ["all-see"] });
  expect(differenceOf({ ...masked, kind: "deny" }, { ...clear, kind: "deny" })).toBeUndefined();
});

test("other obligations on the same verdict are other terms", () => {
  const limited = { ...answer("allow", read), obligations: { ...noObligations, rowsMax: 10 } };
  expect(differenceOf(answer("allow", read), limited)).toMatchObject({ kind: "terms", policies: ["engineers-read"] });
  const masked = {
    ...answer("allow", read),
    obligations: { ...noObligations, masks: new Map([["email", "null"]] as const) },
  };
  expect(differenceOf(answer("allow", read), masked)).toMatchObject({ kind: "terms" });
  expect(differenceOf(masked, structuredClone(masked))).toBeUndefined();
});
