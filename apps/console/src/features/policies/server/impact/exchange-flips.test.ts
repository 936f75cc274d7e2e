import { compilePolicies } from "@sluice/bundle/build";
import { unwrap } from "@sluice/kernel";
import { createSnapshot, type DecisionRequest, entityUid, load, value } from "@sluice/policy-engine";
import { expect, test, vi } from "vitest";
import { exchangeFlips } from "./exchange-flips.ts";

// the official parser is loaded by the first test, which takes seconds where several tests start at once
vi.setConfig({ testTimeout: 30_000 });
const entities = createSnapshot([]);
const common = {
  now: value.datetime(0),
  minuteOfDay: value.long(0),
  weekday: value.long(4),
  client: value.record({ ip: value.ip("127.0.0.1"), application: value.string("psql"), tls: value.bool(true) }),
};

function engineOf(access: string, guardrails = "", obligations = "") {
  return unwrap(load(unwrap(compilePolicies({ guardrails, access, obligations }))));
}
function read(table: string): DecisionRequest {
  return ask("sql.read.select", "Table", `shop/public.${table}`);
}
function ask(action: string, type: string, id: string): DecisionRequest {
  return {
    principal: entityUid("User", "ana"),
    action: entityUid("Action", action),
    resource: entityUid(type, id),
    context: value.record(common),
    entities,
  };
}
const unmask = ask("unmask", "DataClass", "email");
const reads = '@id("reads") permit (principal, action in Action::"read", resource);\n';
const clear = '@id("clear") permit (principal, action == Action::"unmask", resource == DataClass::"email");\n';
const no = (table: string) =>
  `@id("no-${table}") forbid (principal, action, resource == Table::"shop/public.${table}");\n`;
const asks = `@id("asks") @require_approval("boss") forbid (principal, action, resource == Table::"shop/public.notes");\n`;
const kinds = (current: ReturnType<typeof engineOf>, candidate: typeof current, requests: readonly DecisionRequest[]) =>
  exchangeFlips({ current, candidate }, requests).map(({ kind }) => kind);

test("an exchange ends as its strictest pair: one that was refused anyway does not flip", () => {
  const current = engineOf(reads, no("notes"));
  const candidate = engineOf(reads, no("notes") + no("customers"));
  expect(kinds(current, candidate, [read("notes"), read("customers")])).toEqual([]);
  expect(exchangeFlips({ current, candidate }, [read("products"), read("customers")])).toEqual([
    { kind: "allowed_to_refused", policies: ["no-customers"], resources: ['Table::"shop/public.customers"'] },
  ]);
});

test("asks that appear and go are told from refusals", () => {
  const [plain, asking, refusing] = [engineOf(reads), engineOf(reads, asks), engineOf(reads, no("notes"))];
  expect(kinds(plain, asking, [read("notes")])).toEqual(["allowed_to_asked"]);
  expect(kinds(asking, plain, [read("notes")])).toEqual(["asked_to_allowed"]);
  expect(kinds(asking, refusing, [read("notes")])).toEqual(["asked_to_refused"]);
  expect(kinds(refusing, asking, [read("notes")])).toEqual(["refused_to_asked"]);
  expect(kinds(refusing, plain, [read("notes")])).toEqual(["refused_to_allowed"]);
});

test("values that would be shown or hidden count where the exchange is not refused, and a refused unmask refuses nothing", () => {
  const [masked, shown, refused] = [engineOf(reads), engineOf(reads + clear), engineOf(reads + clear, no("customers"))];
  const exchange = [read("customers"), unmask];
  expect(exchangeFlips({ current: masked, candidate: shown }, exchange)).toEqual([
    { kind: "masked_to_clear", policies: ["clear"], resources: ['DataClass::"email"'] },
  ]);
  expect(kinds(shown, masked, exchange)).toEqual(["clear_to_masked"]);
  expect(kinds(refused, engineOf(reads, no("customers")), exchange)).toEqual([]);
  expect(kinds(refused, shown, exchange)).toEqual(["refused_to_allowed"]);
});

test("other limits are a flip of terms, with the policy that sets them", () => {
  const few = '@id("few") @limit_rows("5") permit (principal, action in Action::"read", resource);\n';
  expect(kinds(engineOf(reads), engineOf(reads, "", few), [read("notes")])).toEqual(["terms"]);
});

test("permission to see a value otherwise masked shows nothing in clear, and an unmask that asks holds the exchange", () => {
  const masks = '@id("last-four") @mask("email:partial") permit (principal, action == Action::"unmask", resource);\n';
  const asking =
    '@id("ask-unmask") @require_approval("boss") forbid (principal, action == Action::"unmask", resource);\n';
  const [masked, otherwise] = [engineOf(reads), engineOf(reads + clear, "", masks)];
  const exchange = [read("customers"), unmask];
  expect(kinds(masked, otherwise, exchange)).toEqual([]);
  expect(kinds(engineOf(reads + clear), otherwise, exchange)).toEqual(["clear_to_masked"]);
  expect(kinds(engineOf(reads + clear), engineOf(reads + clear, asking), exchange)).toEqual(["allowed_to_asked"]);
});
