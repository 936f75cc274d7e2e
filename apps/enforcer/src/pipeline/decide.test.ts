import { entityUid } from "@sluice/policy-engine";
import { describe, expect, test } from "vitest";
import type { ClientIdentity } from "../identity/identity.ts";
import type { Access, Catalogue, StatementFacts } from "../languages/facts.ts";
import { bundleOf, person } from "./bundle.fixture.ts";
import type { ApprovalFact } from "./context.ts";
import { decideRequest } from "./decide.ts";
import { judgementOf } from "./judgement.ts";

const starter = bundleOf();
const catalogue: Catalogue = {
  version: "1",
  relations: [relation(1, "customers", ["id", "email", "city"]), relation(2, "notes", ["id", "text"])],
  functions: [],
  relationByOid: new Map(),
  relationByName: new Map(),
  functionsByName: new Map(),
  schemas: ["public"],
};
const ana: ClientIdentity = person("ana");
const copilot: ClientIdentity = {
  ...person("ana"),
  principal: { uid: entityUid("Agent", "copilot"), name: "copilot" },
  onBehalfOf: ana.principal,
};

function decide(statements: readonly StatementFacts[], identity = ana, bundle = starter, approval?: ApprovalFact) {
  const [resource] = bundle.content.resources;
  if (!resource) throw new Error("the bundle has no resource");
  const client = { ip: "127.0.0.1", application: "test", protocol: "postgres" };
  return decideRequest({
    bundle,
    catalogue,
    resource,
    identity,
    client,
    statements,
    inTransaction: false,
    nowMs: Date.now(),
    approval,
  });
}

const MAY_UNMASK = '@id("ana-unmasks") permit (principal == User::"ana", action == Action::"unmask", resource);';
const onUnmask = (annotations: string, effect = "permit") =>
  `@id("on-unmask") ${annotations} ${effect} (principal, action == Action::"unmask", resource == DataClass::"email");`;
const readsEmail = () => [facts("SELECT", [access("sql.read.select", "customers", { columnsRead: ["email"] })])];
const readsCity = () => [facts("SELECT", [access("sql.read.select", "customers", { columnsRead: ["city"] })])];

describe("what policy attaches to seeing a value in clear", () => {
  test("is owed by the exchange that shows it, and by no other", () => {
    const bundle = bundleOf({ access: MAY_UNMASK, obligations: onUnmask('@limit_rows("7") @notify("privacy")') });
    const clear = decide(readsEmail(), ana, bundle);
    expect(clear).toMatchObject({ kind: "allow", readsHidden: false, masks: [undefined] });
    expect(clear.obligations).toMatchObject({ rowsMax: 7, strict: true });
    const other = decide(readsCity(), ana, bundle);
    expect(other.obligations.rowsMax).toBeUndefined();
    expect(other.obligations.strict).toBe(false);
    expect(decide(readsEmail()).obligations.rowsMax).toBeUndefined();
  });

  test("asks people before the value is shown, and shows it with their approval", () => {
    const guardrails = onUnmask('@require_approval("privacy") @severity("high")', "forbid");
    const bundle = bundleOf({ access: MAY_UNMASK, guardrails });
    const held = decide(readsEmail(), ana, bundle);
    expect(held).toMatchObject({ kind: "ask", workflows: ["privacy"], readsHidden: true });
    expect(decide(readsCity(), ana, bundle)).toMatchObject({ kind: "allow", errorsMayLeak: true });
    const approval = { id: "a", workflows: ["privacy"], approverIds: ["bo"] };
    expect(decide(readsEmail(), ana, bundle, approval)).toMatchObject({ kind: "allow", masks: [undefined] });
  });

  test("does not ask for whoever may not see it anyway: they get it masked", () => {
    const guardrails = onUnmask('@require_approval("privacy") @severity("high")', "forbid");
    expect(decide(readsEmail(), ana, bundleOf({ guardrails }))).toMatchObject({ kind: "allow", readsHidden: true });
  });

  test("can be another mask: then it is shown that way, and its errors are guarded", () => {
    const bundle = bundleOf({ access: MAY_UNMASK, obligations: onUnmask('@mask("email:hmac")') });
    const decision = decide(readsEmail(), ana, bundle);
    expect(decision).toMatchObject({ kind: "allow", readsHidden: true, errorsMayLeak: true });
    expect(decision.masks[0]?.hidden).toMatchObject([{ column: "email", strategy: "hmac" }]);
  });
});

describe("a decision", () => {
  test("allows a read, hiding what the principal may not unmask", () => {
    const decision = decide([
      facts("SELECT", [access("sql.read.select", "customers", { columnsRead: ["email", "id"] })]),
    ]);
    expect(decision).toMatchObject({ kind: "allow", readsHidden: true, classes: ["email"] });
    expect(decision.masks[0]?.hidden).toMatchObject([{ column: "email", dataClass: "email", strategy: "partial" }]);
    expect(decision.decisions.map(({ action, verdict }) => [action, verdict])).toEqual([
      ["sql.read.select", "allow"],
      ["unmask", "deny"],
    ]);
  });

  test("says on what each pair was decided, so that it can be decided again with other policies", () => {
    const read = access("sql.read.select", "customers", { columnsRead: ["email", "id"], columnsFiltered: ["id"] });
    const given = (statements: readonly StatementFacts[]) => decide(statements).decisions.map((one) => one.given);
    expect(given([facts("SELECT", [read])])).toEqual([
      { objectCount: 1, columnsRead: ["email", "id"], columnsFiltered: ["id"] },
      { table: "public.customers", column: "email" },
    ]);
    const statement = { command: "SELECT", functions: [], flags: [] };
    expect(given([facts("SELECT", [read]), facts("BEGIN", [])])[0]).toMatchObject({ statement });
    const wide = access("sql.read.select", "notes", { columnsRead: Array.from({ length: 201 }, (_, at) => `c${at}`) });
    expect(given([facts("SELECT", [wide])])).toEqual([undefined]);
  });

  test("hides nothing where no classified column is read, and still guards error texts of that table", () => {
    const decision = decide([facts("SELECT", [access("sql.read.select", "customers", { columnsRead: ["id"] })])]);
    expect(decision).toMatchObject({ kind: "allow", readsHidden: false, errorsMayLeak: true, masks: [undefined] });
    const other = decide([facts("SELECT", [access("sql.read.select", "notes", { columnsRead: ["*"] })])]);
    expect(other).toMatchObject({ kind: "allow", errorsMayLeak: false });
  });

  test("asks for a bounded write in production, and is strict about its record", () => {
    const update = facts("UPDATE", [access("sql.write.update", "customers", { columnsWritten: ["city"] })]);
    const decision = decide([update]);
    expect(decision).toMatchObject({ kind: "ask", workflows: ["production-change"] });
    expect(judgementOf("", [update], decision, { catalogue: undefined, isCurrent: () => true }).strict).toBe(true);
  });

  test("is as strict as its strictest pair, over all statements", () => {
    const select = facts("SELECT", [access("sql.read.select", "notes", {})]);
    const drop = facts("DROP TABLE", [access("sql.destroy.drop", "notes", {})]);
    expect(decide([select, drop, select])).toMatchObject({ kind: "deny", denial: { policyId: "destructive-command" } });
  });

  test("is never wider for an agent than for its person, and never asks people for an agent's write", () => {
    const update = facts("UPDATE", [access("sql.write.update", "customers", { columnsWritten: ["city"] })]);
    expect(decide([update], copilot)).toMatchObject({ kind: "deny", denial: { policyId: "agents-read-only" } });
  });

  test("denies what was not understood, and a statement that claims to need nothing", () => {
    const opaque = { ...facts("DO", [access("sql.opaque", "", {})]), opaque: true, reason: "a DO block" };
    expect(decide([opaque])).toMatchObject({ kind: "deny" });
    expect(decide([facts("MYSTERY", [])])).toMatchObject({ kind: "deny" });
  });

  test("lets policies on the database reach a table that the catalogue does not hold", () => {
    const unknown = facts("SELECT", [access("sql.read.select", "not_there", { columnsRead: ["*"] })]);
    expect(decide([unknown]).decisions[0]?.resource).toEqual({ type: "Table", id: "shop/public.not_there" });
  });

  test("refuses to copy hidden values to where no class protects them", () => {
    const source = { schema: "public", table: "customers", column: "email" };
    const laundering = {
      ...facts("INSERT", [
        access("sql.read.select", "customers", { columnsRead: ["email"] }),
        access("sql.write.insert", "notes", { columnsWritten: ["text"] }),
      ]),
      persists: [
        {
          into: { schema: "public", table: "notes", column: "text" },
          from: { sources: [source], exact: true, unknown: false },
        },
      ],
    };
    expect(decide([laundering])).toMatchObject({ kind: "deny", denial: { policyId: "masking" } });
  });
});

function facts(command: string, accesses: readonly Access[]): StatementFacts {
  return {
    command,
    accesses,
    functions: [],
    unparsed: false,
    opaque: false,
    dynamic: false,
    unbounded: false,
    multiStatement: false,
    returnsRows: command === "SELECT",
    changesSession: false,
    transaction: "none",
    span: [0, 0],
    lineage: "unknown",
  };
}

function access(action: string, table: string, columns: Partial<Access>): Access {
  const object =
    table === ""
      ? { kind: "database" as const, schema: "", name: "" }
      : { kind: "table" as const, schema: "public", name: table };
  return { action, object, columnsRead: [], columnsWritten: [], columnsFiltered: [], ...columns };
}

function relation(oid: number, name: string, columns: readonly string[]): Catalogue["relations"][number] {
  return {
    oid,
    schema: "public",
    name,
    kind: "table",
    columns: columns.map((column, index) => ({ name: column, number: index + 1, typeOid: 25 })),
  };
}
