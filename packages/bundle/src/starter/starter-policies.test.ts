import { unwrap } from "@sluice/kernel";
import { createSnapshot, entityUid, load, type Verdict, value } from "@sluice/policy-engine";
import { describe, expect, test } from "vitest";
import { checkPolicies, compilePolicies, formatPolicies, policySets } from "../build/index.ts";
import { starterPolicies } from "./starter-policies.ts";

const texts = starterPolicies();
const engine = unwrap(load(unwrap(compilePolicies(texts))));

const user = (id: string) => entityUid("User", id);
const group = (id: string) => entityUid("Group", id);
const shop = entityUid("Database", "shop");
const entities = createSnapshot([
  { uid: user("ana"), attrs: {}, parents: [group("engineering")] },
  { uid: user("bo"), attrs: {}, parents: [group("approvers")] },
  { uid: user("cy"), attrs: {}, parents: [group("admins")] },
  { uid: user("pia"), attrs: {}, parents: [group("privacy-officers")] },
  { uid: user("eve"), attrs: {}, parents: [] },
  { uid: entityUid("Agent", "copilot"), attrs: {}, parents: [group("agents")] },
  {
    uid: shop,
    attrs: { name: "shop", kind: "postgres", environment: "production" },
    parents: [entityUid("Site", "acme/main"), entityUid("Environment", "production")],
  },
]).with([
  { uid: entityUid("Schema", "shop/public"), attrs: { name: "public" }, parents: [shop] },
  { uid: entityUid("Schema", "shop/pg_catalog"), attrs: { name: "pg_catalog" }, parents: [shop] },
  ...table("public", "customers"),
  ...table("pg_catalog", "pg_class"),
  ...table("pg_catalog", "pg_authid"),
  {
    uid: entityUid("Function", "shop/public.recount"),
    attrs: { name: "recount", schema: "public", volatility: "volatile" },
    parents: [entityUid("Schema", "shop/public")],
  },
]);

function table(schema: string, name: string) {
  return [
    {
      uid: entityUid("Table", `shop/${schema}.${name}`),
      attrs: { name, schema, kind: "table", classes: value.set([]) },
      parents: [entityUid("Schema", `shop/${schema}`)],
    },
  ];
}

const customers = entityUid("Table", "shop/public.customers");

interface Question {
  readonly principal?: string;
  readonly onBehalfOf?: string;
  readonly action: string;
  readonly resource?: ReturnType<typeof entityUid>;
  readonly sql?: Record<string, boolean | number | readonly string[]>;
  readonly approved?: readonly string[];
}

function ask({ principal = "ana", onBehalfOf, action, resource = customers, sql = {}, approved }: Question): Verdict {
  const given = { classesFiltered: [], classesProbed: [], testedValues: 0, ...sql };
  const facts = Object.entries(given).map(([name, fact]) => {
    if (typeof fact === "number") return [name, value.long(fact)] as const;
    return [name, typeof fact === "boolean" ? fact : value.set(fact)] as const;
  });
  const flags = { unbounded: false, opaque: false, dynamic: false, multiStatement: false, inTransaction: false };
  return engine.decide({
    principal: principal === "copilot" ? entityUid("Agent", principal) : user(principal),
    onBehalfOf: onBehalfOf === undefined ? undefined : user(onBehalfOf),
    action: entityUid("Action", action),
    resource,
    entities,
    context: value.record({
      sql: value.record([...Object.entries(flags), ...facts]),
      ...(approved === undefined ? {} : { approval: value.record({ workflows: value.set(approved) }) }),
    }),
  });
}

const select = "sql.read.select";
const forAna = { principal: "copilot", onBehalfOf: "ana" };

describe("the starter pack", () => {
  test("has no diagnostics and is in canonical form", () => {
    expect(checkPolicies(texts).diagnostics).toEqual([]);
    for (const set of policySets) expect(unwrap(formatPolicies(texts[set]))).toBe(texts[set]);
  });

  test.each([
    ["an engineer reads", { action: select }],
    [
      "an engineer reads the catalogue as psql's \\d does",
      { action: select, resource: entityUid("Table", "shop/pg_catalog.pg_class") },
    ],
    ["an engineer runs SELECT 1 and SET", { action: "sql.read.session", resource: shop }],
    ["an engineer explains", { action: "sql.read.explain" }],
    ["an engineer connects", { action: "session.open", resource: shop }],
    ["an engineer filters by a classified column", { action: select, sql: { classesFiltered: ["email"] } }],
    ["an engineer orders by a class that is not a number", { action: select, sql: { classesProbed: ["email"] } }],
    ["an engineer tries twenty values", { action: select, sql: { classesFiltered: ["ssn"], testedValues: 20 } }],
    [
      "a privacy officer searches what they may see",
      { principal: "pia", action: select, sql: { classesProbed: ["ssn"] } },
    ],
    ["an approver reads", { principal: "bo", action: select }],
    ["an administrator reads", { principal: "cy", action: select }],
    ["an agent reads for an engineer", { ...forAna, action: select }],
    [
      "a privacy officer unmasks an e-mail address",
      { principal: "pia", action: "unmask", resource: entityUid("DataClass", "email") },
    ],
    ["an approved bounded update runs", { action: "sql.write.update", approved: ["production-change"] }],
  ])("allows: %s", (_, question: Question) => {
    expect(ask(question)).toMatchObject({ kind: "allow" });
  });

  test.each([
    ["a bounded UPDATE", { action: "sql.write.update" }],
    ["an INSERT", { action: "sql.write.insert" }],
    ["a bounded DELETE", { action: "sql.write.delete" }],
    ["a bulk export", { action: "sql.read.export" }],
    [
      "a function of unknown effect",
      { action: "sql.exec.call", resource: entityUid("Function", "shop/public.recount") },
    ],
    ["a search among many values", { action: select, sql: { classesFiltered: ["email"], testedValues: 21 } }],
  ])("asks the workflow production-change for %s by an engineer", (_, question: Question) => {
    expect(ask(question)).toMatchObject({ kind: "ask", workflows: ["production-change"] });
  });

  test.each([
    ["an unbounded DELETE", "unbounded-write", { action: "sql.write.delete", sql: { unbounded: true } }],
    [
      "an unbounded UPDATE, even approved",
      "unbounded-write",
      { action: "sql.write.update", sql: { unbounded: true }, approved: ["production-change"] },
    ],
    ["TRUNCATE", "destructive-command", { action: "sql.destroy.truncate" }],
    ["DROP", "destructive-command", { action: "sql.destroy.drop" }],
    ["CREATE", "schema-change", { action: "sql.ddl.create" }],
    ["ALTER", "schema-change", { action: "sql.ddl.alter" }],
    ["a change of roles", "role-change", { action: "sql.admin.role", resource: shop }],
    ["server files", "server-access", { action: "sql.admin.server", resource: shop }],
    ["what was not understood", "not-understood", { action: "sql.opaque", resource: shop }],
    [
      "password hashes",
      "secret-catalogues",
      { action: select, resource: entityUid("Table", "shop/pg_catalog.pg_authid") },
    ],
    ["an agent's bounded write", "agents-read-only", { ...forAna, action: "sql.write.update" }],
    [
      "an agent's approved write",
      "agents-read-only",
      { ...forAna, action: "sql.write.update", approved: ["production-change"] },
    ],
    [
      "an agent's unmask",
      "agents-never-unmask",
      { ...forAna, action: "unmask", resource: entityUid("DataClass", "email") },
    ],
    [
      "an agent's filter by a classified column",
      "agents-no-classified-filter",
      { ...forAna, action: select, sql: { classesFiltered: ["ssn"] } },
    ],
    ["a pattern on a number", "classified-probing", { action: select, sql: { classesProbed: ["ssn"] } }],
    [
      "a privacy officer's pattern on a card number",
      "classified-probing",
      { principal: "pia", action: select, sql: { classesProbed: ["card"] } },
    ],
  ])("refuses %s by the guardrail %s, with advice", (_, guardrail, question: Question) => {
    const verdict = ask(question);
    expect(verdict).toMatchObject({ kind: "deny", code: "forbidden", advice: expect.stringMatching(/\w/) });
    expect(verdict.determining).toContain(guardrail);
  });

  test.each([
    ["an unknown person reads", { principal: "eve", action: select }],
    ["an agent reads for nobody permitted", { principal: "copilot", onBehalfOf: "eve", action: select }],
    ["an approver writes", { principal: "bo", action: "sql.write.update", approved: ["production-change"] }],
    ["an administrator writes", { principal: "cy", action: "sql.write.update", approved: ["production-change"] }],
    ["an engineer unmasks", { action: "unmask", resource: entityUid("DataClass", "email") }],
    [
      "a privacy officer unmasks a card number",
      { principal: "pia", action: "unmask", resource: entityUid("DataClass", "card") },
    ],
  ])("does not permit: %s", (_, question: Question) => {
    expect(ask(question).kind).toBe("deny");
  });

  test("records statements, holds writes until they are on disk, and limits agents", () => {
    expect(ask({ action: select })).toMatchObject({ obligations: { recording: "statement", strict: false } });
    expect(ask({ action: "sql.write.update" })).toMatchObject({ obligations: { strict: true } });
    expect(ask({ ...forAna, action: select })).toMatchObject({ obligations: { rowsMax: 10_000 } });
  });
});
